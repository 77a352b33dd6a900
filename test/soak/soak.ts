/**
 * Calls by the million, each of them checked: `npm run test:soak`, or after a build
 * `node .build/test/soak/soak.js [calls] [delayed calls] [seed] [random values]`.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { checkIdentity, kinds, type Kind } from '../support/identity.ts';
import { checkAnyValue } from '../values/any-value.ts';

const [
  calls = 2_000_000,
  delayedCalls = 20_000,
  seed = Date.now() % 2 ** 31,
  randomValues = 100_000,
] = process.argv.slice(2).map(Number);

const counts: Record<Kind, number> = {
  numbers: calls,
  delayed: delayedCalls,
  values: delayedCalls,
  groups: Math.round(delayedCalls / 10),
  tasks: delayedCalls,
};

/** A call that never ends blocks this very thread, so another one looks after it. */
const progress = new Int32Array(new SharedArrayBuffer(4));
const watchdog = new Worker(
  `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let seen = -1; ; ) {
    const now = Atomics.load(workerData, 0);
    if (now === seen) {
      writeSync(2, 'no call has ended for a minute after call ' + now + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    seen = now;
    Atomics.wait(nobody, 0, 0, 60_000);
  }`,
  { eval: true, workerData: progress },
);
watchdog.unref();

const { bun, deno, node } = process.versions;
const runtime =
  bun === undefined ? (deno === undefined ? `Node ${node}` : `Deno ${deno}`) : `Bun ${bun}`;
console.log(
  `${runtime}, ${process.platform} ${process.arch}, ${availableParallelism()} processors, seed ${seed}`,
);
for (const kind of Object.keys(kinds) as Kind[]) {
  const figures = checkIdentity(kind, counts[kind], seed, progress);
  const perMs = figures.calls / figures.seconds / 1_000;
  console.log(
    `${kind.padEnd(8)} ${figures.calls.toLocaleString('en').padStart(10)} calls, all right, ` +
      `${figures.seconds.toFixed(1).padStart(6)} s, ${perMs.toFixed(1).padStart(6)} calls/ms, ` +
      `worst call ${figures.worstMs.toFixed(1)} ms`,
  );
}

const start = performance.now();
checkAnyValue(randomValues, seed, () => Atomics.add(progress, 0, 1));
const seconds = (performance.now() - start) / 1_000;
console.log(
  `any      ${randomValues.toLocaleString('en').padStart(10)} values of fast-check as structuredClone makes them, ` +
    `${seconds.toFixed(1)} s`,
);
