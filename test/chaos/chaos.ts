/**
 * Several threads call one loop thread at random, and everything that can happen to it and to them
 * happens: `npm run test:chaos`, or after a build `node .build/test/chaos/chaos.js [seconds] [seed] [threads] [calm]`.
 * Each outcome is the right value, or an error that the documentation names for what was asked. The same
 * seed draws the same operations. With `calm` nothing ends the loop thread or a calling thread, nobody but the
 * coroutine itself may bring about an error, and the first of the threads has a loop thread of its own, which does not
 * look after others once a second.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EventLoopThreadRunner, type RunnerToken } from 'palitra';
import { seededRandom } from '../support/random.ts';
import type { CallerData, Counts, Failure } from './caller.ts';

const isCalm = process.argv.includes('calm');
const [seconds = 60, seed = Date.now() % 2 ** 31, threads = 4] = process.argv
  .slice(2)
  .filter((argument) => argument !== 'calm')
  .map(Number);
/** So long nobody may be without an outcome: longer than the slowest thing that is documented. */
const HANG_MS = 30_000;
const random = seededRandom(seed);
const failures: Failure[] = [];
const totals: Counts = {};
const deaths = { closed: 0, killed: 0, restarted: 0 };
let operations = 0;

console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} processors, ` +
    `seed ${seed}, ${threads} calling threads, ${seconds} s${isCalm ? ', calm' : ''}`,
);

function makeRunner(): EventLoopThreadRunner {
  return new EventLoopThreadRunner({
    name: 'chaos',
    shutdownTimeout: 500,
    resourceLimits: { maxOldGenerationSizeMb: 64 },
    onUnhandledError: () => undefined,
  });
}

interface Caller {
  readonly worker: Worker;
  readonly progress: Int32Array;
  readonly ended: Promise<void>;
  isKilled: boolean;
}

let callerNumber = 0;

function startCaller(token?: RunnerToken): Caller {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  callerNumber += 1;
  const data: CallerData = { seed: seed + callerNumber, progress, token, isCalm };
  const worker = new Worker(new URL('./caller.js', import.meta.url), { workerData: data });
  const caller: Caller = {
    worker,
    progress,
    isKilled: false,
    ended: new Promise((resolve) => {
      worker.once('exit', () => {
        operations += Atomics.load(progress, 0);
        resolve();
      });
    }),
  };
  worker.on('message', (message: Failure | Counts) => {
    if ('operation' in message) {
      failures.push(message as Failure);
      console.error(`seed ${data.seed}`, message);
      return;
    }
    for (const [outcome, count] of Object.entries(message)) {
      totals[outcome] = (totals[outcome] ?? 0) + count;
    }
  });
  worker.on('error', (error: Error) => {
    failures.push({
      operation: 'the calling thread itself',
      number: 0,
      error: String(error.stack),
    });
    console.error(error);
  });
  return caller;
}

let runner = makeRunner();
const callers = Array.from({ length: threads }, (_, index) =>
  startCaller(isCalm && index === 0 ? undefined : runner.share()),
);

/** The whole process is ended by a thread that calls nobody, if a caller makes no progress. */
const watched = new SharedArrayBuffer(4 * threads);
const watchdog = new Worker(
  `
  const { workerData: { watched, limitMs, seed } } = require('node:worker_threads');
  const words = new Int32Array(watched);
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  let seen = [];
  for (;;) {
    const now = [...words];
    const stuck = now.findIndex((count, index) => count >= 0 && count === seen[index]);
    if (stuck >= 0) {
      require('node:fs').writeSync(2, 'HANG: thread ' + stuck + ' has had no outcome for ' + limitMs + ' ms, seed ' + seed + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    seen = now;
    Atomics.wait(nobody, 0, 0, limitMs);
  }`,
  { eval: true, workerData: { watched, limitMs: HANG_MS, seed } },
);
watchdog.unref();
const watchedWords = new Int32Array(watched);

const end = performance.now() + seconds * 1_000;
while (performance.now() < end) {
  await sleep(20 + random() * 200);
  const chance = random();
  if (isCalm) {
    // Nobody is closed or killed.
  } else if (chance < 0.03) {
    deaths.restarted += runner.getLoop().stats().restarts;
    runner.close();
    deaths.closed += 1;
    runner = makeRunner();
    const token = runner.share();
    for (const { worker } of callers) worker.postMessage(token);
  } else if (chance < 0.06) {
    const index = Math.floor(random() * threads);
    const caller = callers[index]!;
    caller.isKilled = true;
    await caller.worker.terminate();
    await caller.ended;
    deaths.killed += 1;
    callers[index] = startCaller(runner.share());
  }
  for (const [index, { progress }] of callers.entries()) {
    // Another number for each caller that had this place, so that a fresh one is not taken for a stuck one.
    watchedWords[index] = (Atomics.load(progress, 0) + 1_000_003 * callerNumber) & 0x7fff_ffff;
  }
}

for (const { progress } of callers) Atomics.store(progress, 1, 1);
await Promise.all(callers.map(({ ended }) => ended));
deaths.restarted += runner.getLoop().stats().restarts;
runner.close();

for (const [outcome, count] of Object.entries(totals).sort(([one], [other]) =>
  one.localeCompare(other),
)) {
  console.log(`${String(count).padStart(10)}  ${outcome}`);
}
console.log(
  `${operations.toLocaleString('en')} operations; runner closed ${deaths.closed} times, calling thread killed ${deaths.killed} times, ` +
    `loop thread replaced ${deaths.restarted} times; ${failures.length} wrong outcomes`,
);
process.exit(failures.length === 0 ? 0 : 1);
