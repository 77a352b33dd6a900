import { parentPort, workerData } from 'node:worker_threads';

Atomics.store(workerData, 0, 1);
Atomics.notify(workerData, 0);
// It stays, as a thread that is to answer again would.
parentPort.on('message', () => undefined);
