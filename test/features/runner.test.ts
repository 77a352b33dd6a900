import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelledError,
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  RunnerClosedError,
  run,
  Task,
} from 'palitra';
import { awaitFlag, createFlags, level } from '../support/flags.ts';
import { checkLeaks, takeCensus } from '../support/leaks.ts';

checkLeaks();

const AN_HOUR = 3_600_000;
const STARTED = 0;
const CLEANED = 2;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const shutdown = coroutines<typeof import('../fixtures/shutdown.ts')>(
  '../fixtures/shutdown.js',
  import.meta,
);
const callLater = coroutine(async (callback: () => unknown) => await callback());

test('no thread is started before the first call', async () => {
  const { workers, ports } = takeCensus();
  using runner = new EventLoopThreadRunner();
  equal(runner.isAlive, false);
  deepEqual([takeCensus().workers, takeCensus().ports], [workers, ports]);
  runner.run(arithmetic.add(1, 2));
  equal(runner.isAlive, true);
  // What Bun starts from there has the name of that thread until it gives itself one.
  let now = takeCensus().workers;
  for (let look = 0; look < 100 && now > workers + 1; look++) {
    await sleep(10);
    now = takeCensus().workers;
  }
  equal(now, workers + 1);
});

test('run, gather and createTask of a runner use its one loop thread', async () => {
  using runner = new EventLoopThreadRunner();
  const { runsOn } = runner.run(arithmetic.where());
  const [a, b] = runner.gather(arithmetic.where(), arithmetic.where());
  const task = runner.createTask(arithmetic.where());
  ok(task instanceof Task);
  deepEqual([a.runsOn, b.runsOn, (await task).runsOn], [runsOn, runsOn, runsOn]);
});

test('two runners have two loop threads, each with modules of its own', () => {
  using one = new EventLoopThreadRunner();
  using two = new EventLoopThreadRunner();
  deepEqual([one.run(arithmetic.count()), one.run(arithmetic.count())], [1, 2]);
  equal(two.run(arithmetic.count()), 1);
  notEqual(one.run(arithmetic.where()).runsOn, two.run(arithmetic.where()).runsOn);
});

test('getLoop starts the thread, and tells about it', () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  deepEqual([loop.isRunning, loop.isClosed, runner.isAlive], [true, false, true]);
  equal(loop.threadId, runner.run(arithmetic.where()).runsOn);
  equal(runner.getLoop(), loop);
});

test('the time of a loop counts the milliseconds since its thread was started', () => {
  const start = performance.now();
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  const before = loop.time();
  runner.run(parking.soon(1));
  ok(before >= 0);
  ok(loop.time() > before);
  ok(loop.time() <= performance.now() - start);
});

test('a loop creates tasks', async () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  equal(await loop.createTask(arithmetic.add(1, 2)), 3);
  throws(() => loop.createTask(parking.park(), { timeout: 1 }).result(), { name: 'TimeoutError' });
});

test('close ends the thread, and closing again does nothing', () => {
  const runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  runner.run(arithmetic.add(1, 2));
  for (let times = 0; times < 3; times++) {
    runner.close();
    deepEqual([runner.isAlive, loop.isRunning, loop.isClosed], [false, false, true]);
  }
});

test('a runner that was never used can be closed', () => {
  const runner = new EventLoopThreadRunner();
  runner.close();
  runner.close({ drain: AN_HOUR });
  throws(() => runner.run(arithmetic.add(1, 2)), RunnerClosedError);
});

test('a runner may be closed while its thread is still starting', () => {
  for (let index = 0; index < 5; index++) {
    const runner = new EventLoopThreadRunner();
    runner.getLoop();
    runner.close();
    equal(runner.isAlive, false);
  }
});

const afterClose: Record<string, (runner: EventLoopThreadRunner) => unknown> = {
  run: (runner) => runner.run(arithmetic.add(1, 2)),
  gather: (runner) => runner.gather(arithmetic.add(1, 2)),
  'gather of nothing': (runner) => runner.gather(),
  createTask: (runner) => runner.createTask(arithmetic.add(1, 2)),
  start: (runner) => runner.start(arithmetic.add(1, 2)),
  iterate: (runner) => runner.iterate(coroutine(async () => [1])()),
  getLoop: (runner) => runner.getLoop(),
};

for (const [name, call] of Object.entries(afterClose)) {
  for (const wasUsed of [true, false]) {
    test(`${name} of a closed runner that was ${wasUsed ? '' : 'never '}used throws RunnerClosedError`, () => {
      const runner = new EventLoopThreadRunner({ name: 'db' });
      if (wasUsed) runner.run(arithmetic.add(1, 2));
      runner.close();
      throws(
        () => call(runner),
        (error: unknown) => {
          ok(error instanceof RunnerClosedError);
          equal(error.code, 'ERR_PALITRA_CLOSED');
          match(error.message, /The runner "db" is closed: make a new EventLoopThreadRunner/);
          return true;
        },
      );
      equal(runner.isAlive, false);
    });
  }
}

test('the loop of a closed runner creates no tasks, and has no time', () => {
  const runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  runner.close();
  throws(() => loop.createTask(arithmetic.add(1, 2)), RunnerClosedError);
  throws(() => loop.time(), RunnerClosedError);
  throws(() => loop.threadId, RunnerClosedError);
  deepEqual(loop.tasks(), []);
  equal(loop.stats().inFlight, 0);
});

test('using closes the runner at the end of its block', () => {
  let outer: EventLoopThreadRunner;
  {
    using runner = new EventLoopThreadRunner();
    runner.run(arithmetic.add(1, 2));
    outer = runner;
  }
  throws(() => outer.run(arithmetic.add(1, 2)), RunnerClosedError);
});

test('await using closes it as well, and does not block this thread meanwhile', async () => {
  let outer: EventLoopThreadRunner;
  let turned = false;
  const marks = createFlags();
  {
    await using runner = new EventLoopThreadRunner();
    runner.run(shutdown.markAtEnd(marks, 7, 200));
    outer = runner;
    setImmediate(() => (turned = true));
  }
  deepEqual([...marks], [1, 7, 0, 0]);
  equal(turned, true);
  throws(() => outer.run(arithmetic.add(1, 2)), RunnerClosedError);
});

test('close aborts what is in flight, and its clean-up runs before close returns', () => {
  const flags = createFlags();
  const runner = new EventLoopThreadRunner();
  const task = runner.createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  runner.close();
  equal(level(flags, CLEANED), 1);
  throws(() => task.result(), CancelledError);
});

test('close calls the functions given to onShutdown, the last one first, and awaits each', () => {
  const marks = createFlags();
  const runner = new EventLoopThreadRunner();
  for (const mark of [1, 2, 3]) runner.run(shutdown.markAtEnd(marks, mark));
  runner.close();
  deepEqual([...marks], [3, 3, 2, 1]);
});

test('close({ drain }) lets what is in flight end', async () => {
  const runner = new EventLoopThreadRunner();
  const tasks = [1, 2, 3].map((value) => runner.createTask(parking.soon(value)));
  runner.close({ drain: AN_HOUR });
  deepEqual(await Promise.all(tasks), [1, 2, 3]);
});

test('close({ drain }) cancels what has not ended by then', () => {
  const flags = createFlags();
  const runner = new EventLoopThreadRunner();
  const quick = runner.createTask(arithmetic.add(1, 2));
  const parked = runner.createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  const start = performance.now();
  runner.close({ drain: 20 });
  ok(performance.now() - start >= 20);
  equal(quick.result(), 3);
  throws(() => parked.result(), CancelledError);
  equal(level(flags, CLEANED), 1);
});

test('a callback may close the runner that its caller is blocked in', () => {
  const runner = new EventLoopThreadRunner();
  throws(() => runner.run(callLater(() => runner.close())), CancelledError);
  throws(() => runner.run(arithmetic.add(1, 2)), RunnerClosedError);
});

test('a callback may use another runner, and close it', () => {
  const result = run(
    callLater(() => {
      using runner = new EventLoopThreadRunner();
      return runner.run(arithmetic.add(1, 2));
    }),
  );
  equal(result, 3);
});
