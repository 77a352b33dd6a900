// What neither Node 20 to 26 nor Bun 1.4 gives. When one of these fails, look at docs/runtimes.md: it may be mended.
import { test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { runProgram } from './child.js';

test('Node and Bun: a process lives until the pool work of a worker that was terminated is done', async () => {
  // The tenth of the work is measured, because the machine may have less to do later.
  const { output, end, endedAt } = await runProgram(
    `
    import { pbkdf2, pbkdf2Sync } from 'node:crypto';
    import { once } from 'node:events';
    import { isMainThread, parentPort, Worker } from 'node:worker_threads';
    const ROUNDS = 1_000_000;
    if (isMainThread) {
      const start = Date.now();
      pbkdf2Sync('a', 'b', ROUNDS / 10, 64, 'sha512');
      const tenthMs = Date.now() - start;
      const worker = new Worker(new URL(import.meta.url));
      await once(worker, 'message');
      worker.terminate();
      console.log(JSON.stringify({ tenthMs, terminatedAt: Date.now() }));
    } else {
      pbkdf2('a', 'b', ROUNDS, 64, 'sha512', () => console.log('told'));
      parentPort.postMessage('begun');
    }`,
    { limitMs: 120_000 },
  );
  equal(end, 0);
  ok(!output.includes('told'), output);
  const { tenthMs, terminatedAt } = JSON.parse(output);
  ok(endedAt - terminatedAt >= tenthMs, `${endedAt - terminatedAt} ms, a tenth is ${tenthMs} ms`);
});
