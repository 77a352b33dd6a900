import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { coroutine, coroutines, createTask, run, transfer, UncloneableError } from 'palitra';
import { describeGraph } from '../support/graph.ts';
import { checkLeaks } from '../support/leaks.ts';
import { throwables, type ThrowableGroup } from './throwables.ts';
import { isGone, makeEntry, transferables, type TransferableName } from './transferables.ts';
import { uncloneableResults, uncloneables } from './uncloneables.ts';
import { values, type Group } from './values.ts';

checkLeaks({ per: 'file' });

type Proof = () => void | Promise<void>;

const valueCalls = coroutines<typeof import('../fixtures/values.ts')>(
  '../fixtures/values.js',
  import.meta,
);
const throwing = coroutines<typeof import('../fixtures/throwing.ts')>(
  '../fixtures/throwing.js',
  import.meta,
);
const transfers = coroutines<typeof import('../fixtures/transfers.ts')>(
  '../fixtures/transfers.js',
  import.meta,
);
const bad = coroutines<typeof import('../fixtures/uncloneable.ts')>(
  '../fixtures/uncloneable.js',
  import.meta,
);

/** The place of a case in its table. A case that is no longer there is an error. */
function indexOf(cases: readonly { readonly name: string }[], name: string): number {
  const index = cases.findIndex((each) => each.name === name);
  ok(index >= 0, `there is no case "${name}" in its table any more`);
  return index;
}

/** These values arrive as `structuredClone` makes them. */
function copied(group: Group, ...names: string[]): Proof[] {
  return names.map((name) => () => {
    const { make, expect } = values[group][indexOf(values[group], name)]!;
    equal(describeGraph(run(valueCalls.echo(make()))), describeGraph(expect()), name);
  });
}

/** These are thrown as themselves. */
function thrown(group: ThrowableGroup, ...names: string[]): Proof[] {
  return names.map((name) => () => {
    const index = indexOf(throwables[group], name);
    const expected = describeGraph(throwables[group][index]!.expect());
    try {
      run(throwing.throwCase(group, index));
    } catch (error) {
      equal(describeGraph(error), expected, name);
      return;
    }
    throw new Error(`${name} was not thrown`);
  });
}

/** These are gone from here, and of use there. */
function moved(...names: TransferableName[]): Proof[] {
  return names.map((name) => async () => {
    const entry = await makeEntry(name);
    const task = createTask(transfers.use(name, transfer(entry, [entry])));
    ok(isGone(name, entry), name);
    deepEqual(await task, transferables[name].expected);
  });
}

/** These are refused by their path in a result. */
function refused(...names: string[]): Proof[] {
  const all = [...uncloneables, ...uncloneableResults];
  return names.map((name) => () => {
    const index = indexOf(all, name);
    const expected = { name: 'UncloneableError', path: `result.user[1]${all[index]!.at}` };
    throws(() => run(bad.returnCase(index)), expected);
    equal(run(bad.echo('the next call')), 'the next call');
  });
}

const callsBack: Proof = async () => {
  const call = coroutine(async (callback: (n: number) => Promise<number>) => {
    const answer = callback(20);
    return [answer instanceof Promise, await answer];
  });
  deepEqual(run(call((async: number) => (async + 1) as never)), [true, 21]);
};

const followsSignal: Proof = () => {
  const controller = new AbortController();
  const call = coroutine(async (signal: AbortSignal, abort: () => unknown) => {
    const before = signal.aborted;
    await abort();
    return [before, signal.aborted, signal.reason];
  });
  deepEqual(run(call(controller.signal, () => controller.abort('why'))), [false, true, 'why']);
};

const bothFrames: Proof = () => {
  function caller(): void {
    run(throwing.throwCase('builtInErrors', 0));
  }
  throws(caller, (error: Error) => {
    match(error.stack!, /throwCase[^]*throwing\.js[^]*--- called by palitra from ---[^]*caller/);
    return true;
  });
};

const wayOut: Proof = () => {
  throws(
    () => run(bad.returnBare(indexOf([...uncloneables], 'a symbol'))),
    (error) => error instanceof UncloneableError && /return handle\(value\)/.test(error.message),
  );
};

/** What proves each row of the table, by its two cells. */
const rows: Readonly<Record<string, readonly [arrives: string, ...proofs: Proof[]]>> = {
  'primitives, `-0`, `NaN`, `bigint`s of any size, lone surrogates': [
    'as they are',
    ...copied('primitives', 'undefined', 'null', 'true', '0.1', 'a short string', '-0', 'NaN'),
    ...copied('primitives', '-1n', 'a bigint of 400 digits', 'a bigint of 100,000 bits'),
    ...copied('primitives', 'a lone high surrogate', 'a lone low surrogate'),
  ],
  'objects, arrays, holes, own `__proto__` keys, cycles, shared references': [
    'the same graph, copied',
    ...copied('objects', 'a flat object', 'nested arrays', 'holes', 'only holes'),
    ...copied('objects', 'an own __proto__', 'an own __proto__ that is a primitive'),
    ...copied('objects', 'an array in itself', 'a tree', 'many numbers twice'),
    ...copied('instances', 'instances that share'),
  ],
  '`Map`, `Set`, `Date`, `RegExp`, boxed primitives': [
    'as themselves',
    ...copied('collections', 'a Map of primitives', 'a Map whose keys are objects, by identity'),
    ...copied('collections', 'a Set of primitives', 'a Set in itself', 'a Date', 'a RegExp'),
    ...copied('collections', 'boxed numbers', 'boxed strings', 'boxed booleans', 'a boxed bigint'),
  ],
  '`ArrayBuffer`, typed arrays, `DataView`': [
    'copied; moved with `transfer(value, list)`',
    ...copied('buffers', 'an ArrayBuffer', 'Uint8Array', 'BigInt64Array', 'DataView', '64 MiB'),
    ...copied('buffers', 'views that share a buffer', 'a resizable buffer'),
    ...moved('a small ArrayBuffer', 'a large ArrayBuffer', 'a resizable ArrayBuffer'),
  ],
  '`SharedArrayBuffer`': [
    'shared',
    ...copied('sharedBuffers', 'a SharedArrayBuffer', 'views that share a SharedArrayBuffer'),
    () => {
      const increment = coroutine(async (words: Int32Array) => Atomics.add(words, 0, 1));
      const words = new Int32Array(new SharedArrayBuffer(4));
      run(increment(words));
      equal(words[0], 1);
    },
  ],
  '`Blob`, `KeyObject`, `MessagePort`, `ReadableStream` …': [
    'as structured clone does: cloned, or moved with `transfer`',
    ...copied(
      'platformObjects',
      'a Blob',
      'a secret KeyObject',
      'a private and a public KeyObject',
    ),
    ...moved('a MessagePort', 'a ReadableStream', 'a WritableStream', 'a FileHandle'),
    ...refused('a ReadableStream that is not transferred'),
  ],
  '`URL`, `URLSearchParams`, `Headers`': [
    'as themselves',
    ...copied('webObjects', 'a URL', 'URLSearchParams', 'Headers'),
  ],
  'an `AbortSignal` among the arguments': [
    "as one that aborts when the caller's does, with the same reason",
    followsSignal,
  ],
  'built-in errors, `AggregateError`, `DOMException`, `cause` chains': [
    "as their class, with properties and both threads' frames",
    ...thrown('builtInErrors', 'Error', 'TypeError', 'RangeError', 'AggregateError'),
    ...thrown('builtInErrors', 'DOMException', 'an AbortError', 'a cause', 'causes in a circle'),
    ...thrown('builtInErrors', 'properties of every kind'),
    bothFrames,
  ],
  'your own error classes': [
    'as their class with `registerError(Class)` on both sides, otherwise with their `name`',
    ...thrown('ownErrors', 'a registered class', 'a class that is not registered, with a name'),
  ],
  'instances of your own classes': [
    'as plain objects; keep them behind `handle(object)` instead',
    ...copied('instances', 'an instance of a class', 'a class with accessors'),
  ],
  'functions among arguments': ['as async functions that call back', callsBack],
  'functions in results, symbols, `WeakMap`s, promises, generators, proxies': [
    '`UncloneableError` with the path, such as `result.user.socket`; the next call works',
    ...refused('a function', 'a symbol', 'a WeakMap', 'a promise in a value', 'a generator'),
    ...refused('a Proxy of an object', 'a method'),
    wayOut,
  ],
};

const readme = readFileSync(
  join(dirname(createRequire(import.meta.url).resolve('palitra/package.json')), 'README.md'),
  'utf8',
);
const table = /<!-- what-can-cross -->\n([^]*?)\n<!-- \/what-can-cross -->/.exec(readme)![1]!;
const [head, rule, ...lines] = table.split('\n');

test('the table "what can cross" of the README has just the rows that are proved here', () => {
  equal(head, '| value | how it arrives |');
  equal(rule, '|---|---|');
  const expected = Object.entries(rows).map(([value, [arrives]]) => `| ${value} | ${arrives} |`);
  deepEqual(lines, expected);
});

for (const [value, [arrives, ...proofs]] of Object.entries(rows)) {
  test(`the README is right: ${value}: ${arrives} (${proofs.length} proofs)`, async () => {
    ok(proofs.length > 0);
    for (const proof of proofs) await proof();
  });
}
