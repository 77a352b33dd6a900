import { isDeepStrictEqual } from 'node:util';
import { coroutines, createTask, gather, run } from 'palitra';
import { seededRandom, type Random } from './random.ts';

const identity = coroutines<typeof import('../fixtures/identity.ts')>(
  '../fixtures/identity.js',
  import.meta,
);

/** What a long row of calls came to. */
export interface Figures {
  readonly calls: number;
  readonly seconds: number;
  readonly worstMs: number;
}

/** Calls that return what they are given: the number of the call, or something as random as that. */
export const kinds = {
  /** The hot path, and nothing else. */
  numbers: (index: number) => check(index, index, run(identity.echo(index))),
  /** Both threads fall asleep and wake up at every possible moment. */
  delayed: (index: number, random: Random) =>
    check(index, index, run(identity.echoAfter(index, 2 * random()))),
  /** Messages of every size: in the ring, around its end, and by port. */
  values: (index: number, random: Random) => {
    const value = randomValue(index, random);
    check(index, value, run(identity.echo(value)));
  },
  groups: (index: number, random: Random) => {
    const values = Array.from({ length: 20 * random() }, () => randomValue(index, random));
    const coroutines = values.map((value) => identity.echoAfter(value, random() < 0.1 ? 1 : 0));
    check(index, values, gather(coroutines));
  },
  /** Others end while the caller is blocked for this one. */
  tasks: (index: number, random: Random) => {
    const task = createTask(identity.echoAfter(index, random()));
    check(index, -index, run(identity.echoAfter(-index, random())));
    check(index, index, task.result());
  },
} satisfies Record<string, (index: number, random: Random) => void>;

export type Kind = keyof typeof kinds;

/** Makes so many calls. Throws with the number of the first one that returned something else. */
export function checkIdentity(
  kind: Kind,
  calls: number,
  seed: number,
  progress?: Int32Array,
): Figures {
  const random = seededRandom(seed);
  const call = kinds[kind];
  let worstMs = 0;
  call(0, random);
  const start = performance.now();
  let before = start;
  for (let index = 1; index <= calls; index++) {
    call(index, random);
    const now = performance.now();
    worstMs = Math.max(worstMs, now - before);
    before = now;
    if (progress !== undefined) Atomics.store(progress, 0, index);
  }
  return { calls, seconds: (performance.now() - start) / 1_000, worstMs };
}

function check(index: number, expected: unknown, actual: unknown): void {
  if (actual === expected || isDeepStrictEqual(actual, expected)) return;
  const text = JSON.stringify(actual) ?? String(actual);
  throw new Error(
    `call ${index} is the first that did not return its argument: ${text.slice(0, 200)}`,
  );
}

function randomValue(index: number, random: Random): unknown {
  const size = Math.floor(10 ** (5 * random()));
  switch (Math.floor(6 * random())) {
    case 0:
      return index;
    case 1:
      return String(index).padEnd(size, 'x');
    case 2:
      return String(index).padEnd(size, 'ü€');
    case 3:
      return new Uint8Array(size).fill(index);
    case 4:
      return Array.from({ length: size % 500 }, (_, item) => ({ index, item }));
    default:
      return { index, nested: { list: [index, null, undefined, 1.5], date: new Date(index) } };
  }
}
