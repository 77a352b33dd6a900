import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { coroutines, gather, run, UncloneableError } from 'palitra';
import { chain, descend, links, type Kind } from '../fixtures/chains.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/chains.ts')>(
  '../fixtures/chains.js',
  import.meta,
);
const kinds = Object.keys(links) as Kind[];

for (const kind of kinds) {
  // Each error brings its stack: a hundred thousand of them take minutes.
  const deepest = kind === 'causes' ? 2000 : 100_000;

  test(`${kind} of any depth cross in both directions`, () => {
    for (const depth of [0, 1, 99, 100, 101, 102, 199, 200, 201, 202, deepest / 10, deepest]) {
      const expected = { depth, bottom: 'end' };
      deepEqual(run(remote.descend(kind, chain(kind, depth, 'end'))), expected, 'as an argument');
      deepEqual(descend(kind, run(remote.chain(kind, depth, 'end'))), expected, 'as a result');
    }
  });

  test(`what cannot cross is found at the bottom of ${kind}, and the next call works`, () => {
    throws(
      () => run(remote.descend(kind, chain(kind, deepest / 10, Symbol('bottom')))),
      refusesSymbol,
    );
    throws(() => run(remote.chainToSymbol(kind, deepest / 10)), refusesSymbol);
    deepEqual(run(remote.descend(kind, chain(kind, 300, 1))), { depth: 300, bottom: 1 });
  });
}

function refusesSymbol(error: unknown): boolean {
  ok(error instanceof UncloneableError);
  match(error.path, /^(arguments\[1\]|result)\W/);
  match(error.message, / is a symbol, which cannot be copied/);
  ok(error.message.length < 1000, 'the path is abridged in the message');
  return true;
}

test('the path to what stands deep is whole', () => {
  throws(
    () => run(remote.descend('objects', { list: [chain('objects', 250, Symbol('bottom'))] })),
    (error: UncloneableError) => error.path === `arguments[1].list[0]${'.next'.repeat(250)}`,
  );
});

test('a chain of 1,000 causes is thrown as it is', () => {
  throws(
    () => run(remote.throwChain(1000)),
    (error: Error) => {
      ok(error instanceof RangeError && error.cause instanceof RangeError);
      return descend('causes', error).depth === 1000;
    },
  );
});

test('a function that stands deep is a callback', () => {
  equal(
    run(
      remote.callBottom(
        'objects',
        chain('objects', 5000, () => 'called'),
      ),
    ),
    'called',
  );
});

test('what stands deep can refer to what stands above, and to other arguments', () => {
  const top: Record<string, unknown> = {};
  const other = { name: 'other' };
  top['down'] = chain('objects', 1000, 'end');
  let bottom = top['down'] as Record<string, unknown>;
  for (let level = 0; level < 999; level++) bottom = bottom['next'] as Record<string, unknown>;
  bottom['next'] = [top, other, bottom];
  const { arrived, isOther } = run(remote.meetAgain(top, other));
  ok(isOther);
  let value = arrived['down'] as Record<string, unknown>;
  while (!Array.isArray(value['next'])) value = value['next'] as Record<string, unknown>;
  equal(value['next'][0], arrived);
  equal(value['next'][2], value);
});

test('what is wide and deep keeps its order and its identity', () => {
  const shared = { n: 0 };
  const wide = Array.from({ length: 500 }, (_, n) => ({ n, shared, list: [[n]] }));
  let value = run(remote.echo(chain('arrays', 98, { a: wide, b: new Map([[wide[1], wide[2]]]) })));
  while (Array.isArray(value)) value = value[1];
  const arrived = value as { a: typeof wide; b: Map<unknown, unknown> };
  deepEqual(arrived.a, wide);
  ok(arrived.a.every((row) => row.shared === arrived.a[0]!.shared));
  equal(arrived.b.get(arrived.a[1]), arrived.a[2]);
});

test('after deep values the two threads agree on the shapes of objects', () => {
  const rows = Array.from({ length: 20 }, (_, n) => ({ [`deep${n}`]: chain('objects', 150, n) }));
  deepEqual(gather(rows.map((row) => remote.echo(row))), rows);
  deepEqual(run(remote.echo(rows)), rows);
});
