import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, rejects, throws } from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelledError,
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  LoopThreadError,
  run,
  shutdownGlobalRunner,
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

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const meeting = coroutines<typeof import('../fixtures/meeting.ts')>(
  '../fixtures/meeting.js',
  import.meta,
);

test('createTask starts the coroutine and does not block', () => {
  const flags = createFlags();
  const task = createTask(parking.park(flags));
  ok(task instanceof Task);
  awaitFlag(flags, STARTED);
  equal(task.done, false);
  equal(task.cancelled, false);
  task.cancel();
});

test('a task can be awaited', async () => {
  equal(await createTask(arithmetic.add(1, 2)), 3);
  equal(await createTask(parking.soon('rested')), 'rested');
});

test('a task can be blocked for', () => {
  equal(createTask(arithmetic.add(1, 2)).result(), 3);
  equal(createTask(parking.soon('rested')).result({ timeout: AN_HOUR }), 'rested');
});

test('awaiting and blocking again give the same value', async () => {
  const task = createTask(arithmetic.echo({ key: 1 }));
  const value = await task;
  equal(await task, value);
  equal(task.result(), value);
  equal(task.result(), value);
  equal(task.done, true);
});

test('a failure is thrown by await and by result(), as often as they are asked', async () => {
  const task = createTask(arithmetic.fail('no'));
  throws(() => task.result(), new RangeError('no'));
  throws(() => task.result(), new RangeError('no'));
  await rejects(async () => await task, new RangeError('no'));
  equal(task.done, true);
  equal(task.cancelled, false);
});

test('then, catch and finally are those of a promise', async () => {
  const seen: unknown[] = [];
  equal(await createTask(arithmetic.add(1, 2)).then((sum) => sum + 1), 4);
  equal(
    await createTask(arithmetic.fail('no')).catch((error: unknown) => (error as Error).message),
    'no',
  );
  equal(await createTask(arithmetic.add(1, 2)).finally(() => seen.push('finally')), 3);
  await rejects(
    createTask(arithmetic.fail('no')).finally(() => seen.push('again')),
    RangeError,
  );
  deepEqual(seen, ['finally', 'again']);
});

test('tasks run concurrently, and mix with what promises offer', async () => {
  const tasks = ['a', 'b', 'c'].map((name) => createTask(meeting.meet(3, name)));
  deepEqual(await Promise.all(tasks), ['a', 'b', 'c']);
  const parked = createTask(parking.park());
  equal(await Promise.race([parked, createTask(parking.soon('fast'))]), 'fast');
  parked.cancel();
});

test('a task goes on while run blocks the caller for something else', () => {
  const task = createTask(meeting.meet(2, 'task'));
  equal(run(meeting.meet(2, 'run')), 'run');
  equal(task.result(), 'task');
});

test('done tells without waiting', async () => {
  const flags = createFlags();
  const task = createTask(parking.echoLate(7, flags));
  awaitFlag(flags, STARTED);
  equal(task.done, false);
  task.cancel();
  equal(task.done, true);
  const quick = createTask(arithmetic.add(1, 2));
  run(arithmetic.add(1, 2));
  equal(quick.done, true);
});

test('result({ timeout }) only stops waiting: the task goes on', () => {
  const flags = createFlags();
  const task = createTask(parking.echoLate(7, flags));
  awaitFlag(flags, STARTED);
  throws(
    () => task.result({ timeout: 1 }),
    (error: unknown) => {
      ok(error instanceof TimeoutError);
      match(error.message, /parking\.js#echoLate/);
      match(error.message, /It goes on/);
      return true;
    },
  );
  equal(task.done, false);
  equal(level(flags, ABORTED), 0);
  task.cancel();
});

test('a task that result({ timeout }) gave up on can still be blocked for', () => {
  const task = createTask(meeting.meet(2, 'late'));
  throws(() => task.result({ timeout: 1 }), TimeoutError);
  run(meeting.meet(2));
  equal(task.result(), 'late');
});

test('cancel() ends the task with CancelledError and aborts the coroutine', async () => {
  const flags = createFlags();
  const task = createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  equal(task.cancel(), true);
  equal(task.cancelled, true);
  equal(task.done, true);
  await rejects(
    async () => await task,
    (error: unknown) => {
      ok(error instanceof CancelledError);
      equal(error.code, 'ERR_PALITRA_CANCELLED');
      match(error.message, /parking\.js#park/);
      return true;
    },
  );
  throws(() => task.result(), CancelledError);
  awaitFlag(flags, CLEANED);
});

test('the coroutine that is cancelled finds the error as the reason of its signal', () => {
  const flags = createFlags();
  const task = createTask(parking.parkForReason(flags));
  awaitFlag(flags, STARTED);
  task.cancel();
  awaitFlag(flags, ABORTED);
  equal(run(parking.reason()).name, 'CancelledError');
});

test('cancel(reason) ends it with the reason', async () => {
  const reason = new Error('enough');
  const task = createTask(parking.park());
  equal(task.cancel(reason), true);
  equal(task.cancelled, true);
  await rejects(
    async () => await task,
    (error) => error === reason,
  );
});

test('cancel() of a task that has ended does nothing, and says so', async () => {
  const task = createTask(arithmetic.add(1, 2));
  await task;
  equal(task.cancel(), false);
  equal(task.cancelled, false);
  equal(task.result(), 3);
  const cancelled = createTask(parking.park());
  deepEqual([cancelled.cancel(), cancelled.cancel()], [true, false]);
});

test('1 ms against never: the task ends with TimeoutError, awaited or blocked for', async () => {
  await rejects(async () => await createTask(parking.park(), { timeout: 1 }), TimeoutError);
  throws(() => createTask(parking.park(), { timeout: 1 }).result(), TimeoutError);
  throws(
    () => createTask(parking.park(), { timeout: 1 }).result({ timeout: AN_HOUR }),
    /parking\.js#park had not ended after 1 ms/,
  );
});

test('the timeout of a task aborts its signal', async () => {
  const flags = createFlags();
  const task = createTask(parking.park(flags), { timeout: ENOUGH_TO_BEGIN });
  // One that is aborted before it has begun is not started at all.
  awaitFlag(flags, STARTED);
  await rejects(async () => await task, TimeoutError);
  awaitFlag(flags, CLEANED);
});

test('an hour against soon: the result, and no timer is left', async () => {
  equal(await createTask(parking.soon('rested'), { timeout: AN_HOUR }), 'rested');
  equal(await createTask(parking.soon('rested'), { timeout: 2 ** 40 }), 'rested');
});

test('a timeout beyond the reach of a timer does not end the task at once', async () => {
  const task = createTask(parking.park(), { timeout: 2 ** 32 });
  await sleep(5);
  equal(task.done, false);
  task.cancel();
});

test('a signal that is aborted already throws its reason, and nothing starts', () => {
  const reason = new Error('never mind');
  throws(() => createTask(arithmetic.count(), { signal: AbortSignal.abort(reason) }), reason);
  equal(run(arithmetic.countSoFar()), 0);
});

test('a signal that is aborted later ends the task with its reason', async () => {
  const controller = new AbortController();
  const flags = createFlags();
  const task = createTask(parking.park(flags), { signal: controller.signal });
  awaitFlag(flags, STARTED);
  const reason = new Error('enough');
  controller.abort(reason);
  await rejects(
    async () => await task,
    (error) => error === reason,
  );
  awaitFlag(flags, CLEANED);
});

test('the signal of a task that has ended keeps no listener', async () => {
  const { signal } = new AbortController();
  await createTask(arithmetic.add(1, 2), { signal });
  createTask(arithmetic.add(1, 2), { signal }).result();
  const task = createTask(parking.park(), { signal });
  task.cancel();
  equal(getEventListeners(signal, 'abort').length, 0);
});

test('a task of a runner that is closed ends with CancelledError', async () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  const task = runner.createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  runner.close();
  equal(task.done, true);
  equal(task.cancelled, true);
  await rejects(async () => await task, CancelledError);
  throws(() => task.result(), CancelledError);
});

test('a task of a runner that is closed before it has begun ends with CancelledError', async () => {
  const runner = new EventLoopThreadRunner();
  const task = runner.createTask(parking.park());
  runner.close();
  await rejects(async () => await task, CancelledError);
});

test('a task that somebody awaits ends with CancelledError when the global runner is shut down', async () => {
  const flags = createFlags();
  const task = createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  const outcome = rejects(async () => await task, CancelledError);
  shutdownGlobalRunner();
  await outcome;
});

test('a task whose loop thread dies ends with LoopThreadError, awaited or blocked for', async () => {
  const awaited = createTask(parking.park());
  createTask(parking.exit(3));
  await rejects(
    async () => await awaited,
    (error: unknown) => {
      ok(error instanceof LoopThreadError);
      equal(error.exitCode, 3);
      return true;
    },
  );
  const blocked = createTask(parking.park());
  createTask(parking.exit(4));
  throws(
    () => blocked.result(),
    (error) => error instanceof LoopThreadError && error.exitCode === 4,
  );
  equal(await createTask(arithmetic.add(1, 2)), 3);
});

test('a task that has ended keeps its result after its runner is closed', async () => {
  const runner = new EventLoopThreadRunner();
  const task = runner.createTask(arithmetic.add(1, 2));
  await task;
  runner.close();
  equal(task.result(), 3);
  equal(await task, 3);
});

test('a thousand tasks all come back', async () => {
  const tasks = Array.from({ length: 1_000 }, (_, index) => createTask(parking.soon(index)));
  deepEqual(
    await Promise.all(tasks),
    Array.from({ length: 1_000 }, (_, index) => index),
  );
});

test('a task lets the caller’s own event loop turn while it is awaited', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await createTask(
    coroutine(async () => new Promise<void>((resolve) => setTimeout(resolve, 50)))(),
  );
  clearInterval(timer);
  notEqual(turns, 0);
});

test('a task that somebody awaits keeps the process alive until it settles', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const parking = coroutines('./parking.js', import.meta);
    createTask(parking.soon('awaited')).then(console.log);`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: 'awaited\n', isHung: false });
});

test('a task that nobody awaits does not keep the process alive', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const parking = coroutines('./parking.js', import.meta);
    createTask(parking.park());
    createTask(parking.soon(1));
    console.log('end');`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: 'end\n', isHung: false });
});

test('the process ends once the last awaited task has settled, though another goes on', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const parking = coroutines('./parking.js', import.meta);
    const forgotten = createTask(parking.park());
    createTask(parking.soon('first')).then(console.log);
    createTask(parking.park(), { timeout: 20 }).then(undefined, (error) => console.log(error.code));`);
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  deepEqual(stdout.trim().split('\n').sort(), ['ERR_PALITRA_TIMEOUT', 'first']);
});

test('a task that fails and that nobody ever looks at is reported once, as an unhandled rejection', async () => {
  const { code, stdout } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
    createTask(arithmetic.fail('nobody looks'));
    createTask(arithmetic.fail('somebody blocks')).then(undefined, () => undefined);
    try { createTask(arithmetic.fail('somebody waits')).result(); } catch {}
    setTimeout(() => undefined, 300);`);
  deepEqual({ code, stdout }, { code: 0, stdout: 'unhandled nobody looks\n' });
});

test('a task that fails unseen ends a process that does not handle it, with the error on stderr', async () => {
  const { code, stderr } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    createTask(arithmetic.fail('nobody looks'));
    setTimeout(() => process.exit(99), 10_000);`);
  equal(code, 1);
  match(stderr, /RangeError: nobody looks/);
});

test('a task that was cancelled, closed, or lost with its loop thread is not reported', async () => {
  const { code, stdout, stderr } = await runScript(`
    import { coroutines, createTask, EventLoopThreadRunner } from 'palitra';
    const parking = coroutines('./parking.js', import.meta);
    process.on('unhandledRejection', (error) => console.log('unhandled', error));
    createTask(parking.park()).cancel();
    createTask(parking.park()).cancel(new Error('own reason'));
    const runner = new EventLoopThreadRunner();
    runner.createTask(parking.park());
    runner.run(parking.soon(1));
    runner.close();
    const dying = new EventLoopThreadRunner();
    dying.createTask(parking.park());
    dying.createTask(parking.exit(1));
    setTimeout(() => dying.close(), 300);`);
  deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
});

test('a task that is looked at before it fails is not reported', async () => {
  const outcome = createTask(arithmetic.fail('no')).then(
    () => 'fulfilled',
    () => 'rejected',
  );
  equal(await outcome, 'rejected');
});

test('a task that times out and that nobody looks at is reported', async () => {
  const { stdout } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const parking = coroutines('./parking.js', import.meta);
    process.on('unhandledRejection', (error) => console.log('unhandled', error.code));
    createTask(parking.park(), { timeout: 1 });
    setTimeout(() => undefined, 300);`);
  equal(stdout, 'unhandled ERR_PALITRA_TIMEOUT\n');
});

test('tasks mix with events of the caller', async () => {
  const controller = new AbortController();
  const aborted = once(controller.signal, 'abort');
  void createTask(parking.soon(1)).then(() => controller.abort());
  await aborted;
});
