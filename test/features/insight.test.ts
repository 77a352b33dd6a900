import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { coroutines, createTask, EventLoopThreadRunner, run, type Coroutine } from 'palitra';
import { awaitFlag, createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const STARTED = 0;
const thisFile = /insight\.test\.js:\d+:\d+/;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const busy = coroutines<typeof import('../fixtures/busy.ts')>('../fixtures/busy.js', import.meta);
const never = coroutines<typeof import('../fixtures/never.ts')>(
  '../fixtures/never.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const producers = coroutines<typeof import('../fixtures/producers.ts')>(
  '../fixtures/producers.js',
  import.meta,
);
const ready = coroutines<typeof import('../fixtures/ready.ts')>(
  '../fixtures/ready.js',
  import.meta,
);

/** Looks again and again, without letting this thread's event loop turn. */
function lookUntil(isSo: () => boolean): void {
  const deadline = performance.now() + 60_000;
  const word = new Int32Array(new SharedArrayBuffer(4));
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('not so after a minute');
    Atomics.wait(word, 0, 0, 1);
  }
}

test('tasks() tells of a task its name, its age in milliseconds, and the line that made it', () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  const before = performance.now();
  function theCreator(): void {
    runner.createTask(parking.park());
  }
  theCreator();
  const after = performance.now();
  const [task, ...others] = loop.tasks();
  const end = performance.now();
  deepEqual(others, []);
  match(task!.name, /parking\.js#park$/);
  ok(
    task!.ageMs >= 0 && task!.ageMs >= end - after - (end - before) && task!.ageMs <= end - before,
  );
  match(task!.createdAt!, /^theCreator \(/);
  match(task!.createdAt!, thisFile);
});

test('a task that waits gets older', () => {
  using runner = new EventLoopThreadRunner();
  runner.createTask(parking.park());
  const loop = runner.getLoop();
  const [first] = loop.tasks();
  run(parking.soon(0));
  const [second] = loop.tasks();
  ok(second!.ageMs - first!.ageMs >= 1);
});

const creations: Record<string, (runner: EventLoopThreadRunner) => unknown> = {
  createTask: (runner) => runner.createTask(parking.park()),
  'createTask of the loop': (runner) => runner.getLoop().createTask(parking.park()),
  start: (runner) => runner.start(ready.serve(1)),
  iterate: (runner) => runner.iterate(producers.countTo(1_000)).next(),
};

for (const [name, create] of Object.entries(creations)) {
  test(`tasks() shows what ${name} made, and the line that did`, () => {
    using runner = new EventLoopThreadRunner();
    create(runner);
    const tasks = runner.getLoop().tasks();
    equal(tasks.length, 1);
    match(tasks[0]!.createdAt!, thisFile);
  });
}

test('the line that made a task with the top-level createTask is the user’s own', () => {
  let tasks: unknown;
  const task = createTask(parking.park());
  run(never.call(() => (tasks = globalTasks())));
  task.cancel();
  const [made] = tasks as { createdAt: string }[];
  match(made!.createdAt, thisFile);
});

function globalTasks(): unknown {
  const key = Symbol.for('palitra.globalRunner');
  return (globalThis as unknown as Record<symbol, EventLoopThreadRunner>)[key]!.getLoop().tasks();
}

test('tasks() lists the oldest first, also the call that this thread is blocked for', () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  runner.createTask(parking.park());
  runner.createTask(never.wait());
  let tasks = loop.tasks();
  runner.run(never.call(() => void (tasks = loop.tasks())));
  deepEqual(
    tasks.map(({ name }) => name.replace(/.*\//, '')),
    ['parking.js#park', 'never.js#wait', 'never.js#call'],
  );
  ok(tasks[0]!.ageMs >= tasks[1]!.ageMs && tasks[1]!.ageMs >= tasks[2]!.ageMs);
  equal(tasks[2]!.createdAt, undefined);
});

test('what has ended is not listed, though nobody has looked at it', () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  runner.createTask(arithmetic.add(1, 2));
  const stays = runner.createTask(parking.park());
  lookUntil(() => loop.tasks().length === 1);
  match(loop.tasks()[0]!.name, /#park$/);
  equal(loop.stats().inFlight, 1);
  stays.cancel();
  deepEqual([loop.tasks(), loop.stats().inFlight], [[], 0]);
});

test('inFlight falls by itself as coroutines end', () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  for (let index = 0; index < 10; index++) runner.createTask(parking.soon(index));
  lookUntil(() => loop.stats().inFlight === 0);
});

test('what was given up is not listed, whatever it does', () => {
  using runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
  const flags = createFlags();
  const task = runner.createTask(parking.parkDeaf(flags));
  awaitFlag(flags, STARTED);
  task.cancel();
  throws(() => runner.run(parking.parkDeaf(), { timeout: 1 }), { name: 'TimeoutError' });
  deepEqual([runner.getLoop().tasks(), runner.getLoop().stats().inFlight], [[], 0]);
});

test('stats() of a loop that has done nothing yet', () => {
  using runner = new EventLoopThreadRunner();
  const { utilization, ...others } = runner.getLoop().stats();
  deepEqual(others, {
    calls: 0,
    inFlight: 0,
    callbacks: 0,
    restarts: 0,
    roundTrip: { p50: 0, p99: 0 },
  });
  ok(utilization >= 0 && utilization <= 1);
});

test('calls counts the coroutines that were sent, in whichever way', () => {
  using runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  const count = (action: () => unknown): number => {
    const before = loop.stats().calls;
    action();
    return loop.stats().calls - before;
  };
  equal(
    count(() => runner.run(arithmetic.add(1, 2))),
    1,
  );
  equal(
    count(() => runner.gather([1, 2, 3].map((n) => arithmetic.add(n, n)))),
    3,
  );
  equal(
    count(() => runner.createTask(arithmetic.add(1, 2)).result()),
    1,
  );
  equal(
    count(() => [...runner.iterate(producers.countTo(100))]),
    1,
  );
  equal(
    count(() => runner.start(ready.serve(1))),
    1,
  );
  equal(
    count(() => throws(() => runner.run(arithmetic.fail('counted all the same')))),
    1,
  );
});

for (const who of ['palitra', 'the platform'] as const) {
  test(`a call that was not sent is not counted: ${who} refuses an argument`, () => {
    using runner = new EventLoopThreadRunner();
    const loop = runner.getLoop();
    const { port1 } = new MessageChannel();
    const value = who === 'palitra' ? Symbol('no') : port1;
    const options = { name: 'UncloneableError' };
    throws(() => runner.run(arithmetic.echo(value)), options);
    throws(() => runner.createTask(arithmetic.echo(value)), options);
    throws(() => runner.gather(arithmetic.add(1, 2), arithmetic.echo(value)), options);
    deepEqual([loop.stats().calls, loop.stats().inFlight], [0, 0]);
    port1.close();
  });
}

test('callbacks counts those that were executed', () => {
  using runner = new EventLoopThreadRunner();
  runner.run(never.callOften((index) => index, 7));
  equal(runner.getLoop().stats().callbacks, 7);
});

test('restarts counts loop threads that took the place of another, and the other counts go on', () => {
  using runner = new EventLoopThreadRunner();
  for (let restarts = 1; restarts <= 2; restarts++) {
    throws(() => runner.run(parking.exit(3)), { name: 'LoopThreadError' });
    runner.run(arithmetic.add(1, 2));
    const stats = runner.getLoop().stats();
    deepEqual([stats.restarts, stats.calls], [restarts, 2 * restarts]);
  }
});

test('the counts of a runner that was closed stay', () => {
  const runner = new EventLoopThreadRunner();
  const loop = runner.getLoop();
  runner.run(arithmetic.add(1, 2));
  runner.close();
  const { calls, inFlight, utilization } = loop.stats();
  deepEqual([calls, inFlight, utilization], [1, 0, 0]);
});

test('utilization is higher when coroutines compute than when they wait', () => {
  const utilizationOf = (coroutine: Coroutine<unknown>): number => {
    using runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
    runner.run(busy.sleepFor(1, 'begun'));
    runner.run(coroutine);
    const { utilization } = runner.getLoop().stats();
    ok(utilization >= 0 && utilization <= 1, `${utilization}`);
    return utilization;
  };
  // No turn of this thread's own event loop in between.
  const computing = utilizationOf(busy.computeFor(1_000));
  const waiting = utilizationOf(busy.sleepFor(1_000, 'rested'));
  ok(computing > waiting, `${computing} when computing, ${waiting} when waiting`);
});

test('a loop thread that does not answer counts as busy', () => {
  using runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
  runner.run(busy.sleepFor(200, 'rested'));
  const loop = runner.getLoop();
  const { utilization: before } = loop.stats();
  const flags = createFlags();
  runner.createTask(parking.compute(flags));
  awaitFlag(flags, STARTED);
  const { utilization, inFlight } = loop.stats();
  equal(inFlight, 1);
  ok(utilization > before && utilization <= 1, `${utilization}, before ${before}`);
});

test('roundTrip is in microseconds, and there from the first run', () => {
  using runner = new EventLoopThreadRunner();
  const start = performance.now();
  runner.run(busy.sleepFor(100, 0));
  const elapsedMs = performance.now() - start;
  const { p50, p99 } = runner.getLoop().stats().roundTrip;
  equal(p50, p99);
  // A timer of 100 ms may fire in the last of them.
  ok(p50 >= 99_000 && p50 <= elapsedMs * 1_000, `${p50} µs of ${elapsedMs} ms`);
});

test('roundTrip is of run alone, one in sixteen, whatever is called in between', () => {
  using runner = new EventLoopThreadRunner();
  for (let index = 0; index < 16; index++) runner.run(arithmetic.echo(index));
  for (let index = 0; index < 32; index++) {
    runner.createTask(arithmetic.echo(index)).result();
    runner.run(busy.sleepFor(20, index));
  }
  const { p50, p99 } = runner.getLoop().stats().roundTrip;
  ok(p99 >= 19_000, `two of the slow runs were timed: ${p99} µs`);
  ok(p50 <= p99);
});

test('of many runs, p50 lies in the middle and p99 near the slowest', () => {
  using runner = new EventLoopThreadRunner();
  const begin = performance.now();
  runner.run(arithmetic.echo(0));
  const firstMs = performance.now() - begin;
  for (let index = 0; index < 10_000; index++) runner.run(arithmetic.echo(index));
  const { p50, p99 } = runner.getLoop().stats().roundTrip;
  ok(p50 > 0 && p50 <= p99);
  // The start of the thread took longer than most of the last 512, and is none of them.
  ok(p50 < firstMs * 1_000, `${p50} µs, the first ${firstMs} ms`);
});
