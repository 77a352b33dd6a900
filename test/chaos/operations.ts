import type { coroutines as makeCoroutines, EventLoopThreadRunner } from 'palitra';
import type { Random } from '../support/random.ts';
import { answerTo } from './coroutines.ts';

export type Api = ReturnType<typeof makeCoroutines<typeof import('./coroutines.ts')>>;

/** What one operation is to do, drawn from the seed alone. */
export interface Plan {
  readonly name: string;
  /** How much more often than once it is drawn. */
  readonly weight: number;
  /** Errors that are right for it, besides those that others may bring about. */
  readonly ownErrors: readonly string[];
  /** Throws an Error with the name `WrongAnswer` when the answer is wrong. */
  run(runner: EventLoopThreadRunner, api: Api, random: Random): Promise<void> | void;
}

/** What others may bring about: the loop thread dies, is replaced, or its runner is closed. */
export const othersErrors = ['LoopThreadError', 'CancelledError', 'RunnerClosedError'];

export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

function expect(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) {
    throw new WrongAnswer(`${String(actual)} instead of ${String(expected)}`);
  }
}

const number = (random: Random): number => Math.floor(random() * 1e9);
const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low));

const nobody = new Int32Array(new SharedArrayBuffer(4));

function plan(name: string, weight: number, ownErrors: readonly string[], run: Plan['run']): Plan {
  return { name, weight, ownErrors, run };
}

/** What leaves the loop thread alive, whatever comes of it. */
export const calmPlans: readonly Plan[] = [
  plan('fast', 200, [], (runner, api, random) => {
    const n = number(random);
    expect(runner.run(api.fast(n)), answerTo(n));
  }),
  plan(
    'fast, after a rest in which the loop thread may fall asleep',
    40,
    [],
    (runner, api, random) => {
      Atomics.wait(nobody, 0, 0, random());
      const n = number(random);
      expect(runner.run(api.fast(n)), answerTo(n));
    },
  ),
  plan('fast, with a timeout', 20, ['TimeoutError'], (runner, api, random) => {
    const n = number(random);
    expect(runner.run(api.fast(n), { timeout: between(random, 1, 50) }), answerTo(n));
  }),
  plan('slow', 10, [], (runner, api, random) => {
    const n = number(random);
    expect(runner.run(api.slow(n, between(random, 0, 5))), answerTo(n));
  }),
  plan('slow, with a timeout about as long', 10, ['TimeoutError'], (runner, api, random) => {
    const n = number(random);
    const ms = between(random, 1, 6);
    expect(runner.run(api.slow(n, ms), { timeout: ms }), answerTo(n));
  }),
  plan('fail', 20, ['RangeError'], (runner, api, random) => {
    const n = number(random);
    try {
      runner.run(api.fail(n));
    } catch (error) {
      if (error instanceof RangeError) expect((error as RangeError & { n: number }).n, n);
      throw error;
    }
    throw new WrongAnswer('did not fail');
  }),
  plan('large', 10, [], (runner, api, random) => {
    const n = number(random);
    const length = between(random, 0, 300_000);
    const value = runner.run(api.large(n, length));
    expect(value.n, answerTo(n));
    expect(value.text.length, length);
  }),
  plan('group', 10, [], (runner, api, random) => {
    const ns = Array.from({ length: between(random, 1, 50) }, () => number(random));
    const results = runner.gather(ns.map((n) => api.fast(n)));
    for (const [index, n] of ns.entries()) expect(results[index], answerTo(n));
  }),
  plan('group with a failure', 10, ['RangeError'], (runner, api, random) => {
    const n = number(random);
    runner.gather([api.fast(n), api.fail(n), api.slow(n, 3)]);
    throw new WrongAnswer('did not fail');
  }),
  plan('callback', 20, [], (runner, api, random) => {
    const n = number(random);
    expect(runner.run(api.callBack(n, (value) => answerTo(value))), answerTo(n) + 1);
  }),
  plan('callback that calls', 10, [], (runner, api, random) => {
    const n = number(random);
    expect(runner.run(api.callBack(n, (value) => runner.run(api.fast(value)))), answerTo(n) + 1);
  }),
  plan('iteration, perhaps left early', 10, [], (runner, api, random) => {
    const n = number(random);
    const count = between(random, 0, 200);
    const stop = between(random, 0, 300);
    let index = 0;
    for (const item of runner.iterate(api.items(n, count))) {
      if (index === stop) return;
      expect(item, answerTo(n + index));
      index += 1;
    }
    expect(index, count);
  }),
  plan('task, awaited', 10, [], async (runner, api, random) => {
    const n = number(random);
    expect(await runner.createTask(api.slow(n, between(random, 0, 3))), answerTo(n));
  }),
  plan('task, awaited after a call', 20, [], async (runner, api, random) => {
    const n = number(random);
    const task = runner.createTask(api.slow(n, between(random, 0, 3)));
    expect(runner.run(api.fast(n)), answerTo(n));
    expect(await task, answerTo(n));
  }),
  plan('task with a callback, awaited', 10, [], async (runner, api, random) => {
    const n = number(random);
    const task = runner.createTask(api.callBack(n, (value) => answerTo(value)));
    if (random() < 0.5) runner.run(api.slow(n, 1));
    expect(await task, answerTo(n) + 1);
  }),
  plan('task, cancelled', 10, ['CancelledError'], (runner, api, random) => {
    const task = runner.createTask(api.hang());
    if (random() < 0.5) runner.run(api.fast(1));
    task.cancel();
    task.result();
    throw new WrongAnswer('was not cancelled');
  }),
  plan('task nobody looks at', 5, [], (runner, api) => {
    runner.createTask(api.hang()).catch(() => undefined);
  }),
  plan('signal, aborted by a callback', 5, ['AbortError'], (runner, api, random) => {
    const controller = new AbortController();
    const { signal } = controller;
    const n = number(random);
    runner.run(
      api.callBack(n, () => {
        controller.abort();
        return 0;
      }),
      { signal },
    );
    throw new WrongAnswer('was not aborted');
  }),
  plan('hang, with a timeout', 5, ['TimeoutError'], (runner, api, random) => {
    runner.run(api.hang(), { timeout: between(random, 1, 10) });
  }),
  plan('hang and take no notice', 3, ['TimeoutError'], (runner, api, random) => {
    runner.run(api.hangDeaf(), { timeout: between(random, 1, 10) });
  }),
  plan('compute', 3, [], (runner, api, random) => {
    const n = number(random);
    expect(runner.run(api.compute(n, between(random, 1, 20))), answerTo(n));
  }),
  plan('an error outside any coroutine', 2, [], (runner, api) => {
    expect(runner.run(api.throwLater()), 'thrown later');
  }),
];

/** What ends the loop thread. */
const deadlyPlans: readonly Plan[] = [
  plan('compute for long, with a timeout', 0.2, ['TimeoutError'], (runner, api, random) => {
    runner.run(api.compute(1, 5_000), { timeout: between(random, 1, 20) });
  }),
  plan('exit', 1, [], (runner, api, random) => {
    runner.run(api.exit(between(random, 0, 5)));
    throw new WrongAnswer('did not exit');
  }),
  plan('fill the memory', 0.3, [], (runner, api) => {
    runner.run(api.fillMemory());
    throw new WrongAnswer('filled it');
  }),
];

export const plans: readonly Plan[] = [...calmPlans, ...deadlyPlans];

export function draw(plans: readonly Plan[], random: Random): Plan {
  let at = random() * plans.reduce((sum, { weight }) => sum + weight, 0);
  for (const candidate of plans) {
    at -= candidate.weight;
    if (at < 0) return candidate;
  }
  return plans[0]!;
}
