import { MessageChannel, Worker } from 'node:worker_threads';

/** 32 words apart, so that the two threads do not write to one cache line. */
const [REQUEST, REPLY] = [0, 32];

/** A worker that answers a sequence number with the same one, and the caller's half of each way to do that. */
export function startPingPong(how) {
  const words = new Int32Array(new SharedArrayBuffer(64 * 4));
  const { port1, port2 } = new MessageChannel();
  words[REPLY] = -1;
  const worker = new Worker(new URL('../workers/ping-pong.mjs', import.meta.url), {
    workerData: { words, how, port: port2 },
    transferList: [port2],
  });
  worker.unref();
  port1.unref();
  Atomics.wait(words, REPLY, -1);

  let last = 0;
  const echo = {
    spin() {
      last += 1;
      Atomics.store(words, REQUEST, last);
      while (Atomics.load(words, REPLY) !== last);
      return 1;
    },
    futex() {
      last += 1;
      Atomics.store(words, REQUEST, last);
      Atomics.notify(words, REQUEST);
      while (Atomics.load(words, REPLY) !== last) Atomics.wait(words, REPLY, last - 1);
      return 1;
    },
    port() {
      last += 1;
      port1.postMessage(null);
      while (Atomics.load(words, REPLY) !== last) Atomics.wait(words, REPLY, last - 1);
      return 1;
    },
  }[how];
  return { echo, isBare: true };
}
