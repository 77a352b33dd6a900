/** A calling thread: draws operations from its seed and checks what comes of each, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { coroutines, EventLoopThreadRunner, type RunnerToken } from 'palitra';
import { seededRandom } from '../support/random.ts';
import { calmPlans, draw, othersErrors, plans } from './operations.ts';

export interface CallerData {
  readonly seed: number;
  /** Word 0: operations that have ended. Word 1: 1 once it is to end. */
  readonly progress: Int32Array;
  /** Of the runner that it shares with others; undefined when it has one of its own. */
  readonly token: RunnerToken | undefined;
  /** Is nothing to happen that ends the loop thread? Then others bring about no errors either. */
  readonly isCalm: boolean;
}

/** What it posts about an operation that went wrong. */
export interface Failure {
  readonly operation: string;
  readonly number: number;
  readonly error: string;
}

export type Counts = Record<string, number>;

const { seed, progress, token: firstToken, isCalm } = workerData as CallerData;
const random = seededRandom(seed);
const api = coroutines<typeof import('./coroutines.ts')>('./coroutines.js', import.meta);
const counts: Counts = {};
const drawn = isCalm ? calmPlans : plans;
const errorsOfOthers = isCalm ? [] : othersErrors;
let newest = firstToken;
let runner = open();

function open(): EventLoopThreadRunner {
  return newest === undefined
    ? new EventLoopThreadRunner({ onUnhandledError: () => undefined })
    : EventLoopThreadRunner.connect(newest);
}

parentPort!.on('message', (token: RunnerToken) => {
  newest = token;
});

function count(outcome: string): void {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}

for (let number = 0; Atomics.load(progress, 1) === 0; number++) {
  const operation = draw(drawn, random);
  try {
    await operation.run(runner, api, random);
    count(`${operation.name}: right`);
  } catch (error) {
    const { name } = error as Error;
    if (!operation.ownErrors.includes(name) && !errorsOfOthers.includes(name)) {
      const text = String((error as Error)?.stack ?? error);
      parentPort!.postMessage({ operation: operation.name, number, error: text } satisfies Failure);
    }
    count(`${operation.name}: ${name}`);
    // The runner was closed: the token of the next one is on its way.
    if (name === 'RunnerClosedError') {
      await new Promise((resolve) => setTimeout(resolve, 1));
      runner.close();
      runner = open();
    }
  }
  Atomics.add(progress, 0, 1);
  // Leave and come back; let the event loop turn.
  if (random() < 0.002) {
    runner.close();
    runner = open();
  }
  if (random() < 0.02) await new Promise((resolve) => setImmediate(resolve));
}
runner.close();
parentPort!.postMessage(counts);
parentPort!.close();
