/** The calling thread of the death matrix: one death, and every caller in turn. Runs in a child process. */
import type { Worker } from 'node:worker_threads';
import { coroutines, EventLoopThreadRunner, type Coroutine } from 'palitra';
import type * as fixtures from '../fixtures/deaths.ts';
import { sharedClock } from '../support/clock.ts';
import { callers, type Caller, type Scene } from './callers.ts';
import { deathCases, type DeathCase, type Outcome } from './deaths.ts';

/** What the test is told about one caller, as a line of JSON. */
export interface Scenario {
  readonly caller: string;
  readonly outcome: Outcome | { readonly value: unknown };
  readonly message: string;
  /** From the last sign of the loop thread to the outcome. */
  readonly lateMs: number;
  readonly attempts: number;
  readonly next: unknown;
}

/** A busy machine may hold up one of them for any time; all of them it holds up only if palitra does. */
const MAX_ATTEMPTS = 5;

const fixture = coroutines<typeof fixtures>('../fixtures/deaths.js', import.meta);
const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);

/** The worker of the latest loop thread: what a user could get hold of as well. */
let worker: Worker | undefined;
process.on('worker', (latest: Worker) => {
  worker = latest;
});

export async function play(title: string, modules: string): Promise<void> {
  const deathCase = deathCases[title]!;
  const limitMs = deathCase.limitMs ?? 300;
  for (const [caller, action] of Object.entries(callers)) {
    let best: Scenario | undefined;
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
      const scenario = { caller, attempts, ...(await perform(deathCase, action, modules)) };
      if (best === undefined || scenario.lateMs < best.lateMs) best = scenario;
      if (scenario.lateMs <= limitMs) break;
    }
    console.log(JSON.stringify(best));
  }
}

async function perform(
  deathCase: DeathCase,
  { call }: Caller,
  modules: string,
): Promise<Pick<Scenario, 'outcome' | 'message' | 'lateMs' | 'next'>> {
  const { resourceLimits } = deathCase;
  const runner = new EventLoopThreadRunner(resourceLimits === undefined ? {} : { resourceLimits });
  const stamp = new BigInt64Array(new SharedArrayBuffer(8));
  runner.run(fixture.markOnImport(stamp));
  // Its worker is announced in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  let result: Pick<Scenario, 'outcome' | 'message'>;
  let end: bigint;
  try {
    const value = await call(setScene(deathCase, runner, stamp, modules));
    end = sharedClock();
    result = { outcome: { value: value ?? null }, message: '' };
  } catch (error) {
    end = sharedClock();
    const { name, code, exitCode, message } = error as Error & Outcome;
    result = { outcome: { name, code, exitCode }, message };
  }
  const next = runner.run(arithmetic.add(1, 2));
  runner.close();
  const death = stamp[0]!;
  return { ...result, lateMs: death === 0n ? 0 : Number(end - death) / 1e6, next };
}

function setScene(
  { death, exitCode = 0, isFatal, limited }: DeathCase,
  runner: EventLoopThreadRunner,
  stamp: fixtures.Stamp,
  modules: string,
): Scene {
  const terminate = (): void => {
    stamp[0] = sharedClock();
    void worker!.terminate();
  };
  const common = {
    runner,
    stamp,
    isFatal,
    timeout: limited === undefined ? 3_600_000 : 1,
    terminate: death === 'askToDie' ? terminate : () => undefined,
  };
  if (death.startsWith('./')) {
    const bad = coroutines<{ die(): Promise<never> }>(new URL(death, modules));
    const die = (): Coroutine<never> => bad.die();
    return { ...common, die, itemsThenDie: die };
  }
  const args = [death as fixtures.Death, stamp, exitCode, terminate] as const;
  return {
    ...common,
    die: () => fixture.die(...args),
    itemsThenDie: () => fixture.itemsThenDie(...args),
  };
}
