// The other side of the floors: what two threads need at the very least to exchange one number.
import { workerData } from 'node:worker_threads';

const { words, how, port } = workerData;
const [REQUEST, REPLY] = [0, 32];

const loops = {
  spin() {
    for (let seen = 0; ;) {
      while (Atomics.load(words, REQUEST) === seen);
      seen += 1;
      Atomics.store(words, REPLY, seen);
    }
  },
  futex() {
    for (let seen = 0; ;) {
      while (Atomics.load(words, REQUEST) === seen) Atomics.wait(words, REQUEST, seen);
      seen += 1;
      Atomics.store(words, REPLY, seen);
      Atomics.notify(words, REPLY);
    }
  },
  port() {
    port.on('message', () => {
      Atomics.add(words, REPLY, 1);
      Atomics.notify(words, REPLY);
    });
  },
};

// The reply number 0 says "ready": it stood at -1.
Atomics.store(words, REPLY, 0);
Atomics.notify(words, REPLY);
loops[how]();
