/** What a loop thread said before its end is heard, and what an `exit` handler says afterwards hides the end from nobody. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

test('a task that was answered just before its loop thread exited has its answer', async () => {
  const { stdout, stderr, isHung } = await runScript(`
    import { coroutine, EventLoopThreadRunner } from 'palitra';
    const answerAndExit = coroutine(async (flags, value) => {
      setImmediate(() => {
        process.on('exit', () => { Atomics.store(flags, 0, 1); Atomics.notify(flags, 0); });
        process.exit(3);
      });
      return value;
    });
    for (const value of ['small', 'x'.repeat(100_000)]) {
      const runner = new EventLoopThreadRunner();
      const flags = new Int32Array(new SharedArrayBuffer(4));
      const task = runner.createTask(answerAndExit(flags, value));
      Atomics.wait(flags, 0, 0);
      console.log(task.result() === value);
    }`);
  deepEqual({ stdout, stderr, isHung }, { stdout: 'true\ntrue\n', stderr: '', isHung: false });
});

test('an exit handler on the loop thread that calls back does not keep its caller from seeing the end', async () => {
  const { stdout, stderr, isHung } = await runScript(`
    import { coroutine, EventLoopThreadRunner, keep } from 'palitra';
    const exit = coroutine(async (flags, callback) => {
      process.on('exit', () => {
        callback().catch(() => {});
        Atomics.store(flags, 0, 1);
        Atomics.notify(flags, 0);
      });
      setTimeout(() => process.exit(3), 1);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
    const times = Array.from({ length: 9 }, () => {
      const runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
      const flags = new Int32Array(new SharedArrayBuffer(4));
      const task = runner.createTask(exit(flags, keep(() => 1)));
      // It looks when all has been said.
      Atomics.wait(flags, 0, 0);
      const start = performance.now();
      try {
        task.result();
      } catch (error) {
        if (error.exitCode !== 3) throw error;
      }
      return performance.now() - start;
    }).sort((a, b) => a - b);
    // The look around after each slice of 100 ms would find it as well.
    console.log(times[4] < 50 || times);`);
  deepEqual({ stdout, stderr, isHung }, { stdout: 'true\n', stderr: '', isHung: false });
});
