/** Many objects with the same keys: from some number on, a function made for just these keys makes them. */
import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { coroutine, run } from 'palitra';
import { runScript } from '../support/child.ts';
import { isBun, isDeno } from '../support/runtime.ts';

const MANY = 200;
const echo = coroutine(async (value: unknown) => value);

/** Each is made anew for each copy, since some change when they are read. */
const rows: Readonly<Record<string, (index: number) => object>> = {
  'of a table': (index) => ({ id: index, name: `Ada ${index}`, isActive: index % 2 === 0 }),
  'with strange keys': (index) => ({ 1: index, '0': 0, '': 'empty', '"': "'", '`${': '\n\u2028' }),
  'with names that all objects inherit': (index) => ({ toString: index, constructor: { index } }),
  'with a __proto__ of their own': (index) =>
    Object.defineProperty({ index }, '__proto__', { value: index, enumerable: true }),
  'with undefined where others have something': (index) => ({
    id: index,
    note: index % 3 === 0 ? undefined : 'text',
  }),
  'that lose a key while they are read': (index) => ({
    get first() {
      if (index % 2 === 1) delete (this as { second?: number }).second;
      return index;
    },
    second: index,
    third: [,],
  }),
  'that get a key while they are read': (index) => ({
    get first() {
      Object.assign(this, { fourth: index });
      return index;
    },
    second: index,
  }),
  'that hold themselves': (index) => {
    const row = { index, self: undefined as unknown, inner: { index, self: undefined as unknown } };
    row.self = row;
    row.inner.self = row.inner;
    return row;
  },
  'with holes among what they hold': (index) => ({ list: [index, , { index }], index }),
};

for (const [title, row] of Object.entries(rows)) {
  const make = (): object[] => Array.from({ length: MANY }, (_, index) => row(index));
  test(`${MANY} objects ${title}`, () => {
    const expected = structuredClone(make());
    const copy = run(echo(make())) as object[];
    deepEqual(copy, expected);
    for (const [index, one] of copy.entries()) {
      deepEqual(Object.keys(one), Object.keys(expected[index]!));
      equal(Object.getPrototypeOf(one), Object.prototype);
    }
  });
}

test('objects of one shape in each other, deeper than a stack can go', () => {
  let chain: { depth: number; next: object | null } = { depth: 0, next: null };
  for (let depth = 1; depth < 20_000; depth++) chain = { depth, next: chain };
  let copy = run(echo(chain)) as typeof chain;
  for (let depth = 19_999; depth > 0; depth--) {
    equal(copy.depth, depth);
    copy = copy.next as typeof chain;
  }
  equal(copy.next, null);
});

test('what Object.prototype has got meanwhile is not taken for what they hold', () => {
  const make = (): object[] =>
    Array.from({ length: MANY }, (_, index) => ({ id: index, name: 'Ada' }));
  deepEqual(run(echo(make())), make());
  const polluted = Object.prototype as { extra?: number };
  polluted.extra = 1;
  try {
    const copy = run(echo(make())) as object[];
    deepEqual(
      copy.map((one) => JSON.stringify(one)),
      make().map((one) => JSON.stringify(one)),
    );
  } finally {
    delete polluted.extra;
  }
  deepEqual(run(echo(make())), make());
});

test('where no code may be made from text, they arrive all the same', async () => {
  const nodeArgs = isBun || isDeno ? [] : ['--disallow-code-generation-from-strings'];
  const { code, stdout, stderr } = await runScript(
    `
      import { coroutine, run } from 'palitra';
      const echo = coroutine(async (value) => value);
      const rows = Array.from({ length: ${MANY} }, (_, id) => ({ id, name: 'Ada ' + id }));
      console.log(JSON.stringify(run(echo(rows))) === JSON.stringify(rows));
      if (${nodeArgs.length > 0}) {
        try {
          new Function('return 1');
          console.log('code can be made');
        } catch (error) {
          console.log(error.name);
        }
      }
    `,
    { nodeArgs },
  );
  equal(stderr, '');
  deepEqual([code, stdout], [0, nodeArgs.length > 0 ? 'true\nEvalError\n' : 'true\n']);
});
