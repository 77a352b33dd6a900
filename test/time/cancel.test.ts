import { test } from 'node:test';
import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  CancelledError,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  run,
  shutdownGlobalRunner,
  type Task,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags, level, type Flags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const STARTED = 0;
const ABORTED = 1;
const CLEANED = 2;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const cleaning = coroutines<typeof import('../fixtures/cleaning.ts')>(
  '../fixtures/cleaning.js',
  import.meta,
);
const never = coroutines<typeof import('../fixtures/never.ts')>(
  '../fixtures/never.js',
  import.meta,
);

function startWork(runner: EventLoopThreadRunner, flags: Flags): Task<void> {
  const task = runner.createTask(cleaning.work(flags));
  awaitFlag(flags, STARTED);
  return task;
}

test('a task that is cancelled at once ends with CancelledError, and its coroutine does not start', async () => {
  const task = createTask(arithmetic.count());
  equal(task.cancel(), true);
  deepEqual([task.done, task.cancelled], [true, true]);
  await rejects(async () => await task, CancelledError);
  equal(run(arithmetic.countSoFar()), 0);
});

test('one of many that are cancelled at once', async () => {
  const tasks = Array.from({ length: 100 }, (_, value) => createTask(arithmetic.echo(value)));
  tasks[50]!.cancel();
  const outcomes = await Promise.allSettled(tasks);
  equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 99);
  ok((outcomes[50] as PromiseRejectedResult).reason instanceof CancelledError);
});

test('cancel() does not wait for the clean-up, which goes on', () => {
  using runner = new EventLoopThreadRunner();
  const flags = createFlags();
  const task = startWork(runner, flags);
  task.cancel();
  equal(level(flags, CLEANED), 0);
  awaitFlag(flags, ABORTED);
  awaitFlag(flags, CLEANED);
});

test('cancel() in a callback of the task itself', () => {
  const task: Task<unknown> = createTask(never.call(() => task.cancel()));
  throws(() => task.result(), CancelledError);
  equal(task.cancelled, true);
});

test('cancel() in a callback, while the task is blocked for', () => {
  const flags = createFlags();
  const victim = createTask(cleaning.work(flags));
  awaitFlag(flags, STARTED);
  createTask(never.call(() => victim.cancel()));
  throws(() => victim.result(), CancelledError);
  awaitFlag(flags, CLEANED);
});

test('cancel() after close() was asked changes nothing, and hurts nobody', async () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  const task = startWork(runner, flags);
  const closed = runner[Symbol.asyncDispose]();
  task.cancel();
  await closed;
  equal(level(flags, CLEANED), 1);
  await rejects(async () => await task, CancelledError);
  deepEqual([task.cancel(), task.cancelled], [false, true]);
});

/** Whoever ends the thread waits for the clean-up of the coroutines in flight. */
const closings: Record<string, (runner: EventLoopThreadRunner) => void | PromiseLike<void>> = {
  'close()': (runner) => runner.close(),
  'the end of a using block': (runner) => runner[Symbol.dispose](),
  'the end of an await using block': (runner) => runner[Symbol.asyncDispose](),
  'close({ drain }), when the time is up': (runner) => runner.close({ drain: 1 }),
};

for (const [title, close] of Object.entries(closings)) {
  test(`${title} cancels what is in flight, and waits for its clean-up`, async () => {
    const runner = new EventLoopThreadRunner();
    const flags = createFlags();
    const tasks = Array.from({ length: 10 }, () => runner.createTask(cleaning.work(flags)));
    awaitFlag(flags, STARTED, 10);
    await close(runner);
    deepEqual([level(flags, ABORTED), level(flags, CLEANED)], [10, 10]);
    for (const task of tasks) await rejects(async () => await task, CancelledError);
  });
}

test('so does shutdownGlobalRunner()', () => {
  const flags = createFlags();
  createTask(cleaning.work(flags));
  awaitFlag(flags, STARTED);
  shutdownGlobalRunner();
  equal(level(flags, CLEANED), 1);
});

test('a clean-up that was begun by cancel() is waited for as well', () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  startWork(runner, flags).cancel();
  runner.close();
  equal(level(flags, CLEANED), 1);
});

test('a clean-up has shutdownTimeout, and no longer', () => {
  const runner = new EventLoopThreadRunner({ shutdownTimeout: 50 });
  const flags = createFlags();
  runner.createTask(cleaning.work(flags, 3_600_000));
  awaitFlag(flags, STARTED);
  runner.close();
  equal(level(flags, CLEANED), 0);
});

const exits: Record<string, { code: string; exitCode: number }> = {
  'the end of the program': { code: '', exitCode: 0 },
  'process.exit()': { code: 'process.exit(7);', exitCode: 7 },
  'an uncaught exception': { code: "throw new Error('uncaught');", exitCode: 1 },
};

for (const [title, { code, exitCode }] of Object.entries(exits)) {
  test(`${title} aborts what is in flight, and waits for its clean-up`, async () => {
    const outcome = await runScript(`
      import { coroutines, createTask } from 'palitra';
      const cleaning = coroutines('./cleaning.js', import.meta);
      const flags = new Int32Array(new SharedArrayBuffer(16));
      createTask(cleaning.workAloud(flags));
      Atomics.wait(flags, 0, 0);
      ${code}`);
    deepEqual(
      { stdout: outcome.stdout, code: outcome.code, isHung: outcome.isHung },
      { stdout: 'cleaned\nshutdown\n', code: exitCode, isHung: false },
    );
  });
}

test('a callback that is called in the clean-up has been released', () => {
  const flags = createFlags();
  const outcomes = createFlags();
  const called: string[] = [];
  const task = createTask(cleaning.reportBack(flags, () => called.push('called'), outcomes));
  awaitFlag(flags, STARTED);
  task.cancel();
  awaitFlag(flags, CLEANED);
  while (level(outcomes, 1) === 0) run(arithmetic.add(1, 2));
  deepEqual([level(outcomes, 0), called], [2, []]);
});

test('a signal that cancels a gather reaches every member, and each cleans up', () => {
  const controller = new AbortController();
  const flags = createFlags();
  const reason = new Error('enough');
  const members = Array.from({ length: 200 }, () => cleaning.work(flags, 1));
  const stop = never.call(() => {
    awaitFlag(flags, STARTED, 200);
    controller.abort(reason);
  });
  throws(
    () => gather([...members, stop], { signal: controller.signal }),
    (error) => error === reason,
  );
  awaitFlag(flags, CLEANED, 200);
  equal(level(flags, ABORTED), 200);
});

test('close() in a callback cancels a gather, and every member cleans up', () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  const stop = never.call(() => {
    awaitFlag(flags, STARTED, 20);
    runner.close();
  });
  const members = Array.from({ length: 20 }, () => cleaning.work(flags, 1));
  throws(() => runner.gather([...members, stop]), CancelledError);
  equal(level(flags, CLEANED), 20);
});

for (const waitStrategy of ['adaptive', 'sleep']) {
  test(`thousands of races between cancel() and the result, with waitStrategy ${waitStrategy}: no stray result, no stray rejection`, async () => {
    const { stdout, stderr, isHung } = await runScript(
      `
      import { coroutines, EventLoopThreadRunner } from 'palitra';
      const { number } = coroutines('./cleaning.js', import.meta);
      const runner = new EventLoopThreadRunner({ waitStrategy: '${waitStrategy}' });
      process.on('unhandledRejection', (error) => console.log('unhandled', error));
      let seed = 4_711;
      const random = (below) => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
      const counts = { results: 0, cancelled: 0 };
      const delays = [
        (act) => act(),
        (act) => queueMicrotask(act),
        (act) => process.nextTick(act),
        (act) => setImmediate(act),
        (act) => setTimeout(act, random(3)),
        (act) => act(runner.run(number(-3))),
      ];
      for (let round = 0; round < 100; round++) {
        const outcomes = Array.from({ length: 50 }, async (_, index) => {
          const value = round * 50 + index;
          const task = runner.createTask(number(value));
          let didCancel = false;
          delays[random(delays.length)](() => { didCancel = task.cancel(); });
          // Some are not looked at by anybody.
          if (random(4) === 0) return;
          try {
            const result = await task;
            if (result !== value || task.cancelled) throw new Error(\`\${result} instead of \${value}\`);
            counts.results += 1;
          } catch (error) {
            if (error.code !== 'ERR_PALITRA_CANCELLED' || !task.cancelled) throw error;
            counts.cancelled += 1;
          }
        });
        await Promise.all(outcomes);
        if (runner.run(number(round)) !== round) throw new Error('stray');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      runner.run(number(0));
      console.log(counts.results > 500, counts.cancelled > 500, runner.getLoop().stats().inFlight);
      runner.close();`,
    );
    deepEqual({ stdout, stderr, isHung }, { stdout: 'true true 0\n', stderr: '', isHung: false });
  });
}
