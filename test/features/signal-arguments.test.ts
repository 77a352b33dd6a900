import { test } from 'node:test';
import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  iterate,
  run,
  start,
  UncloneableError,
} from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/signal-arguments.ts')>(
  '../fixtures/signal-arguments.js',
  import.meta,
);

/** A controller whose signal counts who listens to it. */
function counting(): { readonly controller: AbortController; readonly listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  Object.assign(signal, {
    addEventListener(...args: Parameters<AbortSignal['addEventListener']>) {
      count += 1;
      AbortSignal.prototype.addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<AbortSignal['removeEventListener']>) {
      count -= 1;
      AbortSignal.prototype.removeEventListener.apply(signal, args);
    },
  });
  return { controller, listeners: () => count };
}

test('a signal among the arguments aborts when the caller aborts, with the same reason', () => {
  const { controller, listeners } = counting();
  const told = run(
    remote.follow(controller.signal, () => {
      equal(listeners(), 1);
      controller.abort(new RangeError('enough'));
    }),
  );
  ok(told.isSignal);
  ok(told.reason instanceof RangeError);
  equal(told.reason.message, 'enough');
  equal(listeners(), 0);
});

test('without a reason it is the AbortError that the caller sees', () => {
  const controller = new AbortController();
  const { reason } = run(remote.follow(controller.signal, () => controller.abort()));
  ok(reason instanceof DOMException);
  equal(reason.name, 'AbortError');
  equal(reason.message, (controller.signal.reason as DOMException).message);
});

test('one that is aborted already arrives so, with its reason', () => {
  for (const reason of ['text', null, { a: [1] }, 0]) {
    deepEqual(run(remote.state(AbortSignal.abort(reason))), [true, reason]);
  }
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const [, reason] = run(remote.state(AbortSignal.abort(cyclic)));
  equal((reason as typeof cyclic).self, reason);
  deepEqual(run(remote.state(new AbortController().signal)), [false, undefined]);
});

test('a task follows it while the caller is in async code, also inside objects', async () => {
  const { controller, listeners } = counting();
  const task = createTask(remote.untilAborted({ list: [{ signal: controller.signal }] }));
  equal(listeners(), 1);
  controller.abort(new RangeError('from outside'));
  await rejects(task, (error) => error instanceof RangeError && error.message === 'from outside');
  equal(listeners(), 0);
});

test('start() follows it after it has returned', async () => {
  const controller = new AbortController();
  const { task, value } = start(remote.serve(controller.signal));
  equal(value, 'serving');
  controller.abort('stop');
  equal(await task, 'stop');
});

test('each member of a gather follows its own, and many follow one without a warning', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  const { controller, listeners } = counting();
  const other = new AbortController();
  const members = Array.from({ length: 50 }, () => remote.follow(controller.signal));
  const told = gather([
    ...members,
    // It is the last to be written, so all of them listen.
    remote.follow(other.signal, () => {
      equal(listeners(), 1);
      controller.abort('all');
      other.abort('last');
    }),
  ]);
  deepEqual(
    told.map(({ reason }) => reason),
    [...members.map(() => 'all'), 'last'],
  );
  equal(listeners(), 0);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  deepEqual(warnings, []);
});

test('iterate() and the methods of a handle follow it', () => {
  const controller = new AbortController();
  const seen: number[] = [];
  for (const n of iterate(remote.countUntil(controller.signal), { highWaterMark: 1 })) {
    seen.push(n);
    if (n === 3) controller.abort();
    ok(n < 1000);
  }
  deepEqual(seen.slice(0, 3), [1, 2, 3]);

  const other = new AbortController();
  using follower = run(remote.open());
  deepEqual(run(follower.follow(other.signal, () => other.abort('by a method'))), [
    'a handle',
    'by a method',
  ]);
});

test('the same signal twice is the same signal', () => {
  const { controller, listeners } = counting();
  const { signal } = controller;
  equal(run(remote.areSame(signal, { signal })), true);
  equal(run(remote.areSame(signal, { signal: new AbortController().signal })), false);
  equal(listeners(), 0);
});

test('nobody listens any more when the call has ended, in whichever way', async () => {
  const { controller, listeners } = counting();
  const { signal } = controller;
  equal(run(remote.ignore(signal)), 'done');
  throws(() => run(remote.fail(signal)), /failed/);
  throws(() => run(remote.follow(signal), { timeout: 1 }), { name: 'TimeoutError' });
  throws(() => gather([remote.fail(signal), remote.follow(signal)]), /failed/);
  throws(() => run(remote.ignore({ signal, symbol: Symbol('s') } as never)), UncloneableError);
  throws(
    () => gather([remote.ignore(signal), remote.ignore(Symbol('s') as never)]),
    UncloneableError,
  );
  const task = createTask(remote.follow(signal));
  equal(listeners(), 1);
  task.cancel();
  await rejects(task, { name: 'CancelledError' });
  const runner = new EventLoopThreadRunner();
  const lost = runner.createTask(remote.follow(signal));
  equal(listeners(), 1);
  runner.close();
  await rejects(lost, { name: 'CancelledError' });
  equal(listeners(), 0);
});

test('after its call it does not abort any more', () => {
  const controller = new AbortController();
  run(remote.hold(controller.signal));
  controller.abort();
  equal(run(remote.isHeldAborted()), false);
});

test('a getter that aborts it while the arguments are written is not missed', () => {
  for (const isNested of [false, true]) {
    const controller = new AbortController();
    const arg = Object.defineProperty({}, 'getter', {
      enumerable: true,
      get() {
        if (isNested) run(remote.state(controller.signal));
        controller.abort('by a getter');
        return 1;
      },
    });
    const task = createTask(remote.followWith(controller.signal, arg));
    equal(task.result({ timeout: 60_000 }), 'by a getter');
  }
  const controller = new AbortController();
  const arg = Object.defineProperty({}, 'getter', {
    enumerable: true,
    get: () => controller.abort('by another’s getter'),
  });
  const [told] = gather([remote.follow(controller.signal), remote.state(arg as never)], {
    timeout: 60_000,
  });
  equal(told.reason, 'by another’s getter');
});

test('a reason that cannot cross aborts all the same', () => {
  const controller = new AbortController();
  const { reason } = run(
    remote.follow(controller.signal, () => controller.abort(Symbol('cannot cross'))),
  );
  equal((reason as DOMException).name, 'AbortError');
  throws(
    () => run(remote.state(AbortSignal.abort(Symbol('s')))),
    (error) => error instanceof UncloneableError && error.path === 'arguments[0].reason',
  );
});

test('the platform’s own functions take it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-'));
  try {
    const fs = coroutines<typeof import('node:fs/promises')>('node:fs/promises');
    const file = join(folder, 'text');
    writeFileSync(file, 'content');
    const { signal } = new AbortController();
    equal(run(fs.readFile(file, { encoding: 'utf8', signal })), 'content');
    throws(() => run(fs.readFile(file, { signal: AbortSignal.abort() })), { name: 'AbortError' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
