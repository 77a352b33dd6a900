import { Worker } from 'node:worker_threads';

const [PERIOD, READY, TAKING_PART] = [0, 1, 2];

/** Threads that call, so many at a time, in periods that this one marks (see workers/caller.mjs). */
export async function startCallers({ kind, openRunner }, { most, ownerCalls }) {
  const { echo, share } = openRunner();
  for (let i = 0; i < 1_000; i++) echo(1);
  const period = new Int32Array(new SharedArrayBuffer(12));
  const counts = new Int32Array(new SharedArrayBuffer(4 * most));
  const connected = ownerCalls ? most - 1 : most;
  for (let index = 0; index < connected; index++) {
    new Worker(new URL('../workers/caller.mjs', import.meta.url), {
      workerData: { kind, token: share?.(), period, counts, index },
    }).unref();
  }
  // Not by Atomics.wait: the new threads need this one's event loop to start.
  const allReady = async () => {
    while (Atomics.load(period, READY) < connected) await new Promise((go) => setTimeout(go, 1));
    Atomics.store(period, READY, 0);
  };
  await allReady();

  /** Calls per millisecond of each of so many threads, over so many milliseconds. */
  async function rates(threads, ms) {
    const others = ownerCalls ? threads - 1 : threads;
    counts.fill(0);
    Atomics.store(period, TAKING_PART, others);
    const start = performance.now();
    Atomics.add(period, PERIOD, 1);
    Atomics.notify(period, PERIOD);
    let own = 0;
    if (ownerCalls) {
      for (; performance.now() - start < ms; own += 10) for (let i = 0; i < 10; i++) echo(1);
    } else {
      await new Promise((go) => setTimeout(go, ms));
    }
    const took = performance.now() - start;
    Atomics.add(period, PERIOD, 1);
    Atomics.notify(period, PERIOD);
    await allReady();
    const all = [...counts.subarray(0, others), ...(ownerCalls ? [own] : [])];
    return all.map((count) => count / took);
  }
  return { rates };
}
