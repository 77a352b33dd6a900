/**
 * A loop thread closed a runner of its own whose loop thread was blocked for it: `close()` threw the
 * `DeadlockError` of its wait, and the thread was not ended.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

test('close() of a runner whose loop thread is blocked for this one ends it at once', async () => {
  const { stdout, stderr, isHung } = await runThreads(
    `
    const a = new EventLoopThreadRunner({ name: 'A' });
    const closeB = palitra.coroutine(async (token, url) => {
      const { coroutines, EventLoopThreadRunner } = await import('palitra');
      const shared = coroutines(url);
      const b = new EventLoopThreadRunner({ name: 'B' });
      const flags = new Int32Array(new SharedArrayBuffer(8));
      const task = b.createTask(shared.chain([token], flags, 1));
      Atomics.wait(flags, 0, 0, 10_000);
      // From there it takes B a moment to be blocked for this thread.
      Atomics.wait(flags, 1, 0, 500);
      const start = performance.now();
      b.close();
      const isSoon = performance.now() - start < 3_000;
      try {
        task.result();
      } catch (error) {
        return [error.name, isSoon];
      }
    });
    console.log(a.run(closeB(a.share(), new URL('./shared.js', import.meta.url).href)).join(), a.run(shared.echo(1)));
    a.close();`,
    {},
  );
  deepEqual(
    { stdout, stderr, isHung },
    { stdout: 'CancelledError,true 1\n', stderr: '', isHung: false },
  );
});
