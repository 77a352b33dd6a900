import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { coroutines, EventLoopThreadRunner, TimeoutError, type Task } from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags, level, type Flags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const { download, warmUp } = coroutines<typeof import('../fixtures/download.ts')>(
  '../fixtures/download.js',
  import.meta,
);
const REQUESTED = 0;
const CLOSED = 1;

test('a coroutine that computes for a minute, with a timeout of 200 ms: the error in under a second, and so the next call', async () => {
  const { code, stdout, stderr, isHung } = await runScript(`
    import { coroutines, EventLoopThreadRunner, run } from 'palitra';
    const busy = coroutines('./busy.js', import.meta);
    run(busy.computeFor(0));
    const start = performance.now();
    let failure;
    try { run(busy.computeFor(60_000), { timeout: 200 }); } catch (error) { failure = error.code; }
    const failed = performance.now();
    const result = run(busy.sleepFor(0, 'right'));
    const recovered = performance.now();
    new EventLoopThreadRunner().run(busy.sleepFor(0, 'right'));
    const startMs = performance.now() - recovered;
    console.log(JSON.stringify([failure, failed - start, result, recovered - failed, startMs]));`);
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  const [failure, failedMs, result, recoveredMs, startMs] = JSON.parse(stdout);
  deepEqual([failure, result], ['ERR_PALITRA_TIMEOUT', 'right']);
  // On a machine so busy that a loop thread takes more than 0.1 s to start, it is that which is slow.
  const second = Math.max(1_000, 10 * startMs);
  ok(failedMs >= 200 && failedMs < second, `the error came after ${failedMs} ms`);
  ok(recoveredMs < second, `the next call took ${recoveredMs} ms`);
  match(stderr, /\[PALITRA_LOOP_REPLACED\] PalitraWarning: .*busy\.js#computeFor/);
});

const stuck = {
  'a coroutine that computes after its first await': `run(busy.computeLater(60_000), { timeout })`,
  'a coroutine that has been told so before it computes': `
    const flags = new Int32Array(new SharedArrayBuffer(64));
    try { run(busy.computeAfter(500, 60_000, flags), { timeout: 250 }); } finally { Atomics.wait(flags, 0, 0, 10_000); }`,
  'a coroutine that stops its thread': `run(busy.stop(), { timeout })`,
  'one of a gather': `gather([busy.sleepFor(0), busy.computeFor(60_000)], { timeout })`,
  'a coroutine that never gets to started()': `start(busy.computeFor(60_000), { timeout })`,
  'a task that is blocked for': `createTask(busy.computeFor(60_000), { timeout }).result()`,
  'a task that is awaited': `await createTask(busy.computeFor(60_000), { timeout })`,
  'a producer of items': `for (const _ of iterate(busy.computeItems(60_000), { timeout }));`,
};

for (const [title, code] of Object.entries(stuck)) {
  test(`the timeout holds, and the next call works, with ${title}`, async () => {
    const outcome = await runScript(`
      import { coroutines, createTask, gather, iterate, run, start } from 'palitra';
      const busy = coroutines('./busy.js', import.meta);
      const timeout = 50;
      run(busy.computeFor(0));
      try { ${code}; } catch (error) { console.log(error.code); }
      console.log(run(busy.sleepFor(0, 'right')));`);
    const { isHung, stdout, stderr } = outcome;
    deepEqual({ isHung, stdout }, { isHung: false, stdout: 'ERR_PALITRA_TIMEOUT\nright\n' });
    match(stderr, /PALITRA_LOOP_REPLACED/);
  });
}

test('a thousand tasks that time out together behind a computation do not keep the caller busy', async () => {
  const { stdout, isHung } = await runScript(
    `
    import { coroutines, EventLoopThreadRunner } from 'palitra';
    const busy = coroutines('./busy.js', import.meta);
    const runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
    runner.run(busy.computeFor(0));
    runner.createTask(busy.computeFor(60_000));
    const tasks = Array.from({ length: 1_000 }, () => runner.createTask(busy.sleepFor(0), { timeout: 100 }));
    const outcomes = await Promise.allSettled(tasks);
    console.log([...new Set(outcomes.map(({ reason }) => reason.code))].join());`,
  );
  deepEqual({ stdout, isHung }, { stdout: 'ERR_PALITRA_TIMEOUT\n', isHung: false });
});

/** The ways to give a request up, once the server has got it. */
const endings: Record<string, (runner: EventLoopThreadRunner, port: number, flags: Flags) => void> =
  {
    'the timeout of a call that is blocked for': (runner, port, flags) => {
      // The time is up while this thread waits for the request to reach the server.
      const timeout = 1_000;
      const arrived = (): void => {
        awaitFlag(flags, REQUESTED);
        Atomics.wait(flags, CLOSED, 0, timeout);
      };
      runner.run(warmUp());
      throws(() => runner.run(download(port, arrived), { timeout }), TimeoutError);
    },
    'cancel()': (runner, port, flags) => {
      requested(runner, port, flags).cancel();
    },
    'the signal of a task': (runner, port, flags) => {
      const controller = new AbortController();
      requested(runner, port, flags, controller.signal).then(undefined, () => undefined);
      controller.abort();
    },
    'close()': (runner, port, flags) => {
      requested(runner, port, flags);
      runner.close();
    },
  };

function requested(
  runner: EventLoopThreadRunner,
  port: number,
  flags: Flags,
  signal?: AbortSignal,
): Task<string> {
  const task = runner.createTask(download(port), { signal });
  awaitFlag(flags, REQUESTED);
  return task;
}

for (const [title, end] of Object.entries(endings)) {
  test(`a fetch with getSignal() really closes its connection on ${title}`, async () => {
    const flags = createFlags();
    const server = new Worker(new URL('../fixtures/silent-server.js', import.meta.url), {
      workerData: flags,
    });
    try {
      const [port] = (await once(server, 'message')) as [number];
      using runner = new EventLoopThreadRunner();
      equal(level(flags, CLOSED), 0);
      end(runner, port, flags);
      awaitFlag(flags, CLOSED);
    } finally {
      await server.terminate();
    }
  });
}
