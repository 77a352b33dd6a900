import { test } from 'node:test';
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  coroutines,
  createTask,
  EventLoopThreadRunner,
  get,
  HandleDisposedError,
  run,
  RunnerClosedError,
  shutdownGlobalRunner,
  TimeoutError,
  UncloneableError,
} from 'palitra';
import { createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const api = coroutines<typeof import('../fixtures/handles.ts')>(
  '../fixtures/handles.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);

function isDisposed(error: unknown): boolean {
  ok(error instanceof HandleDisposedError);
  equal(error.code, 'ERR_PALITRA_HANDLE_DISPOSED');
  match(error.message, /get a new one from the coroutine that made it/);
  return true;
}

test('using calls the object’s asyncDispose, and blocks until it has ended', () => {
  {
    using session = run(new api.AsyncDisposed('one'));
    equal(run(session.add(1)), 1);
    deepEqual(run(api.takeDisposals()), []);
  }
  deepEqual(run(api.takeDisposals()), ['async one']);
});

test('using calls the object’s dispose where it has no asyncDispose, and nothing where it has neither', () => {
  {
    using sync = run(new api.SyncDisposed('two'));
    using plain = run(api.open());
    equal(run(sync.add(1)) + run(plain.add(1)), 2);
  }
  deepEqual(run(api.takeDisposals()), ['sync two']);
});

test('await using does the same without blocking', async () => {
  {
    await using asynchronous = run(new api.AsyncDisposed('three'));
    await using synchronous = run(new api.SyncDisposed('four'));
    ok(asynchronous !== undefined && synchronous !== undefined);
  }
  deepEqual(await createTask(api.takeDisposals()), ['sync four', 'async three']);
});

test('what the disposal throws is thrown, and the handle is disposed of all the same', async () => {
  const expected = { name: 'RangeError', message: 'cannot close five' };
  const blocked = run(new api.BadlyDisposed('five'));
  throws(() => blocked[Symbol.dispose](), expected);
  throws(() => blocked.add(1), isDisposed);
  const awaited = run(new api.BadlyDisposed('five'));
  await rejects(async () => await awaited[Symbol.asyncDispose](), expected);
  throws(() => awaited.add(1), isDisposed);
});

test('disposing again does nothing, in either way', async () => {
  const session = run(new api.AsyncDisposed('six'));
  session[Symbol.dispose]();
  session[Symbol.dispose]();
  await session[Symbol.asyncDispose]();
  deepEqual(run(api.takeDisposals()), ['async six']);
});

test('two handles to one object: it is disposed of once, and neither is good any more', () => {
  const one = run(api.openShared());
  const two = run(api.openShared());
  equal(run(one.isSame(two)), true);
  one[Symbol.dispose]();
  throws(() => run(two.add(1)), isDisposed);
  throws(() => run(api.use(two, 1)), isDisposed);
  two[Symbol.dispose]();
  deepEqual(run(api.takeDisposals()), ['async shared']);
  equal(run(run(api.openShared()).add(1)), 1);
});

test('a handle that was disposed of is refused wherever it is used, and the next call works', () => {
  const session = run(api.open());
  const early = session.add(1);
  session[Symbol.dispose]();
  throws(() => session.add(1), isDisposed);
  throws(() => get(session, 'name'), isDisposed);
  throws(() => run(early), isDisposed);
  throws(() => run(api.use(session, 1)), isDisposed);
  throws(() => run(api.useAll({ list: [session], byName: new Map() })), isDisposed);
  throws(() => createTask(api.use(session, 1)), isDisposed);
  equal(inspect(session), "[disposed handle of a loop thread's object]");
  equal(run(run(api.open()).add(1)), 1);
});

test('a callback that returns a handle whose object is gone fails, not the channel', () => {
  const [one, two] = [run(api.openShared()), run(api.openShared())];
  throws(
    () =>
      run(
        api.give(one, () => {
          one[Symbol.dispose]();
          return two;
        }),
      ),
    isDisposed,
  );
  equal(run(run(api.open()).add(1)), 1);
});

test('after close() a handle is disposed of, and closing was its disposal', () => {
  const runner = new EventLoopThreadRunner();
  const session = runner.run(api.open());
  const early = session.add(1);
  runner.close();
  throws(() => session.add(1), isDisposed);
  throws(() => run(api.use(session, 1)), isDisposed);
  throws(() => run(early), isDisposed);
  throws(() => runner.run(early), RunnerClosedError);
  session[Symbol.dispose]();
  match(inspect(session), /handle of a loop thread's object/);
});

test('after shutdownGlobalRunner() and a new loop thread the old handles are no good', async () => {
  const session = run(api.open());
  const early = session.add(1);
  shutdownGlobalRunner();
  throws(() => run(early), isDisposed);
  throws(() => run(api.use(session, 1)), isDisposed);
  await session[Symbol.asyncDispose]();
  equal(run(run(api.open()).add(1)), 1);
});

test('after its loop thread died or was replaced a handle is no good', (t) => {
  t.mock.method(process, 'emitWarning', () => undefined);
  using runner = new EventLoopThreadRunner();
  const lost = runner.run(api.open());
  throws(() => runner.run(parking.exit(3)), { code: 'ERR_PALITRA_LOOP_DIED' });
  throws(() => lost.add(1), isDisposed);
  throws(() => runner.run(api.use(lost, 1)), isDisposed);

  const replaced = runner.run(api.open());
  runner.run(parking.soon(1));
  throws(() => runner.run(parking.compute(createFlags()), { timeout: 5 }), TimeoutError);
  equal(runner.run(runner.run(api.open()).add(1)), 1);
  throws(() => replaced.add(1), isDisposed);
  throws(() => runner.run(api.use(replaced, 1)), isDisposed);
});

test('a handle given to another runner is refused with the way out, and both go on', () => {
  using runner = new EventLoopThreadRunner();
  const session = runner.run(api.open());
  for (const [misuse, path] of [
    [() => run(session.add(1)), 'handle'],
    [() => run(get(session, 'name')), 'handle'],
    [() => run(api.use(session, 1)), 'arguments[0]'],
    [() => run(api.useAll({ list: [session], byName: new Map() })), 'arguments[0].list[0]'],
    [() => createTask(session.add(1)), 'handle'],
  ] as const) {
    throws(misuse, (error: unknown) => {
      ok(error instanceof UncloneableError);
      equal(error.path, path);
      match(error.message, /the loop thread of another runner[^]*runner\.run\(session\./);
      return true;
    });
  }
  equal(runner.run(session.add(1)), 1);
  equal(run(run(api.open()).add(1)), 1);
});

test('a thousand handles are released at close', () => {
  const runner = new EventLoopThreadRunner();
  const sessions = runner.run(api.openMany(1_000));
  equal(runner.run(sessions[999]!.add(5)), 5);
  for (const session of sessions.slice(0, 100)) runner.run(session.add(1));
  runner.close();
  for (const session of sessions) throws(() => session.add(1), isDisposed);
});
