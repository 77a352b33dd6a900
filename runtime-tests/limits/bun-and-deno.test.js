// What neither Bun 1.4 nor Deno 2.9 gives, and palitra has another way for.
import { test } from 'node:test';
import { equal, match, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { Session } from 'node:inspector';
import { performance } from 'node:perf_hooks';
import {
  BroadcastChannel,
  MessageChannel,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { runProgram } from './child.js';

test('Bun and Deno: there is no eventLoopUtilization', () => {
  let utilization = 0;
  try {
    ({ utilization } = performance.eventLoopUtilization());
  } catch {
    // It is not there, or is not implemented.
  }
  equal(utilization, 0);
});

test('Bun and Deno: the inspector of a thread knows nothing of its workers', async () => {
  const session = new Session();
  session.connect();
  await rejects(async () => {
    await new Promise((resolve, reject) => {
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }, /NodeWorker\.enable/);
  session.disconnect();
});

test('Bun and Deno: a port whose other end has died can still be transferred', async () => {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('data:text/javascript,process.exit(0)'), {
    workerData: port2,
    transferList: [port2],
  });
  await once(worker, 'exit');
  receiveMessageOnPort(port1);
  const moved = structuredClone(port1, { transfer: [port1] });
  equal(typeof moved, 'object');
  moved.close();
});

test('Bun and Deno: a blocked thread cannot take a message from a BroadcastChannel', () => {
  const [sender, receiver] = [new BroadcastChannel('limits'), new BroadcastChannel('limits')];
  sender.postMessage('a message');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  let received;
  try {
    received = receiveMessageOnPort(receiver);
  } catch {
    // It takes nothing but ports.
  }
  equal(received, undefined);
  sender.close();
  receiver.close();
});

test('Bun and Deno: process.hrtime is each thread’s own', async () => {
  const { output } = await runProgram(`
    import { isMainThread, Worker, workerData } from 'node:worker_threads';
    if (isMainThread) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
      new Worker(new URL(import.meta.url), { workerData: process.hrtime.bigint() });
    } else {
      console.log(process.hrtime.bigint() < workerData ? 'earlier' : 'later');
    }`);
  match(output, /earlier/);
});

test('Bun and Deno: there is no --permission', () => {
  equal(process.permission, undefined);
});
