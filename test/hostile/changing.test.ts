/** Values that change, throw, lie or call palitra while they are being written: as structured clone would have it. */
import { test } from 'node:test';
import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import { coroutines, gather, iterate, run } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';
import { isBun, isDeno } from '../support/runtime.ts';

checkLeaks({ per: 'file' });

const fixture = coroutines<typeof import('../fixtures/changing.ts')>(
  '../fixtures/changing.js',
  import.meta,
);

/** Makes a value whose parts meddle with each other when they are read. Made anew for each copy. */
const { changing } = await import('../fixtures/changing.ts');

/**
 * As the standard has it, where `structuredClone` itself does not: in Bun it sees what happens to a map or a
 * set meanwhile, in Deno a `TypeError` that a getter throws becomes a `DataCloneError`.
 */
const standard: Record<string, () => unknown> = {
  'a getter deep inside that throws': () => {
    throw new TypeError('deep');
  },
  'a getter that adds to the map it is in': () =>
    new Map<string, unknown>([
      ['a', { meddle: 'changed' }],
      ['b', 2],
      ['c', 3],
    ]),
  'a getter that clears the set it is in': () => new Set([{ meddle: 'cleared' }, 2, 3]),
};

for (const [index, [title, make]] of Object.entries(changing).entries()) {
  test(`as structured clone has it, there and back: ${title}`, () => {
    const copy = (isBun || isDeno ? standard[title] : undefined) ?? (() => structuredClone(make()));
    let expected: unknown;
    let error: Error | undefined;
    try {
      expected = copy();
    } catch (thrown) {
      error = thrown as Error;
    }
    const attempts = [
      () => run(fixture.echo(make() as never)),
      () => run(fixture.make(index)),
      () => gather(fixture.echo(1), fixture.make(index))[1],
      () => [...iterate<AsyncGenerator<unknown>>(fixture.makeAmongOthers(index))][1],
      () => run(fixture.callBack(() => make())),
      () => {
        let received: unknown;
        run(fixture.giveBack(index, (value: unknown) => void (received = value)));
        return received;
      },
    ];
    for (const attempt of attempts) {
      if (error === undefined) deepEqual(attempt(), expected);
      else throws(attempt, { name: error.name, message: error.message });
      // The channel is as good as before, and both sides count their shapes alike.
      deepEqual(run(fixture.echo({ [title]: index, next: true })), { [title]: index, next: true });
    }
  });
}

test('toJSON is never asked', () => {
  let calls = 0;
  const value = {
    kept: 1,
    get toJSON(): undefined {
      calls += 1;
      return undefined;
    },
  };
  const copy = run(fixture.echo(value));
  deepEqual(Object.keys(copy as object), ['kept', 'toJSON']);
  equal(calls, 1, 'it is read as any other property, and not called');
  const date = Object.assign(new Date(5), {});
  Object.defineProperty(date, 'toJSON', { value: () => 'lie' });
  equal((run(fixture.echo(date)) as Date).getTime(), 5);
  throws(() => run(fixture.echo({ toJSON: () => 'lie' })), /arguments\[0\]\.toJSON|toJSON/);
});

const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineSetter__',
  'then',
];

for (const key of keys) {
  test(`a key called ${key} stays an own key, and reaches no prototype on either side`, () => {
    const value = JSON.parse(
      `{"${key}": {"polluted": 1}, "plain": {"${key}": {"polluted": 2}}}`,
    ) as object;
    const before = run(fixture.prototypes());
    for (let round = 0; round < 3; round++) {
      const copy = run(fixture.echo(value));
      deepEqual(Object.getOwnPropertyNames(copy), [key, 'plain']);
      equal(Object.getPrototypeOf(copy), Object.prototype);
      deepEqual(copy, value);
      equal(({} as { polluted?: unknown }).polluted, undefined);
      notEqual(Object.getPrototypeOf(copy), (copy as Record<string, unknown>)[key]);
    }
    const array = Object.assign([1], JSON.parse(`{"${key}": [1]}`) as object);
    Object.defineProperty(array, key, {
      value: [1],
      enumerable: true,
      configurable: true,
      writable: true,
    });
    deepEqual(Object.keys(run(fixture.echo(array)) as object), ['0', key]);
    const error = Object.defineProperty(new Error('e'), key, {
      value: { polluted: 3 },
      enumerable: true,
    });
    equal((run(fixture.echo(error)) as { polluted?: unknown }).polluted, undefined);
    deepEqual(run(fixture.prototypes()), before);
  });
}
