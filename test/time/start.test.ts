import { test } from 'node:test';
import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  CancelledError,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  run,
  start,
  Task,
  TimeoutError,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags, ENOUGH_TO_BEGIN, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const AN_HOUR = 3_600_000;
const STARTED = 0;
const ABORTED = 1;
const CLEANED = 2;

const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const ready = coroutines<typeof import('../fixtures/ready.ts')>(
  '../fixtures/ready.js',
  import.meta,
);

test('start blocks until the coroutine is ready, and gives its value and the task', () => {
  const flags = createFlags();
  const { task, value } = start(ready.serve({ port: 80 }, flags));
  deepEqual(value, { port: 80 });
  ok(task instanceof Task);
  equal(task.done, false);
  awaitFlag(flags, STARTED);
  equal(level(flags, ABORTED), 0);
  task.cancel();
  throws(() => task.result(), CancelledError);
  awaitFlag(flags, CLEANED);
});

for (const value of [undefined, null, 0, false, '', [1, 2], new Map([[1, 2]])]) {
  test(`the value may be ${JSON.stringify(value) ?? 'undefined'}`, () => {
    const started = start(ready.serve(value));
    deepEqual(started.value, value);
    started.task.cancel();
  });
}

test('without a value it is undefined, and the task goes on to its result', async () => {
  const { task, value } = start(ready.serveWithoutValue());
  equal(value, undefined);
  equal(await task, 'ended');
});

test('a coroutine that ends right after it is ready', () => {
  const { task, value } = start(ready.returnAtOnce());
  deepEqual([value, task.result()], ['ready', 'ended']);
});

test('a failure before it is ready is thrown by start, and is not reported besides', async (t) => {
  const unhandled = t.mock.fn();
  process.on('unhandledRejection', unhandled);
  throws(() => start(ready.failBefore()), new RangeError('before'));
  await createTask(parking.soon(1));
  process.off('unhandledRejection', unhandled);
  equal(unhandled.mock.callCount(), 0);
});

for (const [title, ms] of [
  ['right after', undefined],
  ['some time after', 5],
] as const) {
  test(`a failure ${title} it is ready is the task's`, async () => {
    const { task, value } = start(ready.failAfter(ms));
    equal(value, 'ready');
    await rejects(async () => await task, new RangeError('after'));
    throws(() => task.result(), new RangeError('after'));
  });

  test(`a failure ${title} it is ready, which nobody looks at, is reported once`, async () => {
    const { code, stdout } = await runScript(`
      import { coroutines, createTask, start } from 'palitra';
      const ready = coroutines('./ready.js', import.meta);
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
      console.log(start(ready.failAfter(${ms})).value);
      setTimeout(() => undefined, 300);`);
    deepEqual({ code, stdout }, { code: 0, stdout: 'ready\nunhandled after\n' });
  });
}

test('a coroutine that ends without started() is an error that says what to do', () => {
  throws(() => start(ready.endWithout()), {
    name: 'Error',
    message: /ready\.js#endWithout ended without calling started\(\): call started\(value\)/,
  });
});

test('only the first started() counts', () => {
  const { task, value } = start(ready.startTwice());
  equal(value, 'first');
  equal(task.result(), 'ended');
  equal(run(parking.soon('next')), 'next');
});

test('a function that the coroutine calls may say that it is ready', () => {
  const { task, value } = start(ready.startNested());
  deepEqual([value, task.result()], ['nested', 'ended']);
});

test('of several at once, each gets its own value', () => {
  const values = Array.from({ length: 20 }, (_, index) => index);
  const started = values.map((value) => start(ready.serve(value)));
  deepEqual(
    started.map(({ value }) => value),
    values,
  );
  for (const { task } of started) task.cancel();
});

test('callbacks run while start is blocked, and later when the task is', () => {
  const seen: string[] = [];
  const { task, value } = start(
    ready.startBetween((when) => {
      seen.push(when);
      if (when === 'before') equal(run(parking.soon('nested')), 'nested');
    }),
  );
  equal(value, 'ready');
  equal(task.result(), 'ended');
  deepEqual(seen, ['before', 'after']);
});

test('a value that cannot cross is an error for started() to throw, which may be called again', () => {
  const { task, value } = start(ready.startUncloneable());
  equal(value, 'started.socket');
  equal(task.result(), 'ended');
});

test('a timeout against never: TimeoutError, and the coroutine is aborted', () => {
  const flags = createFlags();
  run(parking.soon(0));
  throws(
    () => start(parking.park(flags), { timeout: ENOUGH_TO_BEGIN }),
    (error: unknown) => {
      ok(error instanceof TimeoutError);
      ok(/park was not ready after 300 ms/.test(error.message), error.message);
      return true;
    },
  );
  awaitFlag(flags, CLEANED);
});

test('the timeout is for becoming ready: once it is, the task goes on', async () => {
  const flags = createFlags();
  start(ready.returnAtOnce());
  const { task } = start(ready.serve('ready', flags), { timeout: 1_000 });
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  equal(task.done, false);
  throws(() => task.result({ timeout: 1 }), /It goes on/);
  equal(level(flags, ABORTED), 0);
  task.cancel();
});

test('an hour against soon: the value', () => {
  const { task, value } = start(ready.serve('soon'), { timeout: AN_HOUR });
  equal(value, 'soon');
  task.cancel();
});

test('the signal ends the wait, and later the task', async () => {
  const reason = new Error('enough');
  throws(
    () => start(ready.serve(1), { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  const early = new AbortController();
  const { signal } = early;
  throws(
    () =>
      start(
        ready.startBetween(() => early.abort(reason)),
        { signal },
      ),
    (error) => error === reason,
  );
  const late = new AbortController();
  const { task } = start(ready.serve(1), { signal: late.signal });
  late.abort(reason);
  await rejects(
    async () => await task,
    (error) => error === reason,
  );
});

test('close() stops what was started, and it cleans up', async () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  const { task } = runner.start(ready.serve(1, flags));
  awaitFlag(flags, STARTED);
  runner.close();
  equal(level(flags, CLEANED), 1);
  await rejects(async () => await task, CancelledError);
});

test('a loop thread that dies before it is ready', async () => {
  const { stdout, isHung } = await runScript(`
    import { coroutines, start } from 'palitra';
    const parking = coroutines('./parking.js', import.meta);
    try { start(parking.exit(3)); } catch (error) { console.log(error.code, error.exitCode); }`);
  deepEqual({ stdout, isHung }, { stdout: 'ERR_PALITRA_LOOP_DIED 3\n', isHung: false });
});

test('a server that nobody awaits does not keep the process alive', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, start } from 'palitra';
    const ready = coroutines('./ready.js', import.meta);
    console.log(start(ready.serve('ready')).value);`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: 'ready\n', isHung: false });
});
