// What Node 20 to 26 do with threads, and palitra with them. When one of these fails, look at docs/runtimes.md.
import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { once } from 'node:events';
import { Session } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { runProgram } from './child.js';

const withoutLocks =
  globalThis.navigator?.locks === undefined ? 'there are no Web Locks before Node 24' : false;

test('Node: a worker that only waits for a Web Lock ends', { skip: withoutLocks }, async () => {
  const { output, end } = await runProgram(`
    import { isMainThread, Worker } from 'node:worker_threads';
    if (isMainThread) {
      await navigator.locks.request('lock', async () => {
        const worker = new Worker(new URL(import.meta.url));
        await new Promise((resolve) => worker.on('exit', resolve));
        console.log('ended');
      });
    } else {
      navigator.locks.request('lock', () => console.log('got it'));
    }`);
  equal(output.trim(), 'ended');
  equal(end, 0);
});

test('Node: a worker at a breakpoint stands still, and other threads do not', async () => {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const session = new Session();
  session.connect();
  const post = (method, params) =>
    new Promise((resolve, reject) => {
      session.post(method, params, (error) => (error === null ? resolve() : reject(error)));
    });
  const attached = once(session, 'NodeWorker.attachedToWorker');
  await post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const worker = new Worker(
    new URL(
      `data:text/javascript,
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.once('message', () => {
        Atomics.store(workerData, 0, 1);
        debugger;
        Atomics.store(workerData, 1, 1);
      });`,
    ),
    { workerData: flags },
  );
  const [{ params }] = await attached;
  const { sessionId } = params;
  const tell = (id, method) =>
    post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method }) });
  const told = (isIt) =>
    new Promise((resolve) => {
      session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
        if (isIt(JSON.parse(params.message))) resolve();
      });
    });
  const enabled = told(({ id }) => id === 1);
  await tell(1, 'Debugger.enable');
  await enabled;
  const paused = told(({ method }) => method === 'Debugger.paused');
  worker.postMessage('go');
  await paused;
  equal(Atomics.load(flags, 0), 1);
  equal(Atomics.load(flags, 1), 0);
  const ended = once(worker, 'exit');
  await tell(2, 'Debugger.resume');
  await ended;
  equal(Atomics.load(flags, 1), 1);
  session.disconnect();
});
