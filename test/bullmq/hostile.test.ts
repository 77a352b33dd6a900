import { test } from 'node:test';
import { deepEqual, doesNotThrow, equal, ok, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { registerError } from 'palitra';
import { NotFoundError } from '../fixtures/error-classes.ts';
import { importInternal } from '../support/internal.ts';
import { values } from '../values/values.ts';

/** The part of a worker that reads what comes out of Redis, and of a runner that reads what comes back. */
interface Envelope {
  readCall(text: string): { readonly args: readonly unknown[] };
  readValue(text: string): unknown;
  writeCall(name: string, args: readonly unknown[], sizeLimit: number): string;
  writeValue(value: unknown, root: string, name: string): string;
}
const { readCall, readValue, writeCall, writeValue } = (await importInternal(
  'bullmq/envelope',
)) as Envelope;

registerError(NotFoundError);

/** Text as it would be in a job, of these bytes after the version. */
const message = (...parts: (number | Buffer)[]): string =>
  Buffer.concat(
    [1, ...parts].map((part) => (Buffer.isBuffer(part) ? part : Buffer.of(part))),
  ).toString('base64');
const varint = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
};
const HUGE = varint(2 ** 32 - 1);
const repeat = (times: number, ...bytes: number[]): Buffer =>
  Buffer.alloc(times * bytes.length, Buffer.from(bytes));
const latin1 = (text: string): number[] => [7, ...varint(text.length), ...Buffer.from(text)];

const hostile: Record<string, string> = {
  'nothing at all': '',
  'another version': Buffer.from([9, 128]).toString('base64'),
  'no value': message(),
  'an unknown tag': message(99),
  'a string that is longer than what is left': message(7, ...HUGE, 65),
  'a wide string that is longer than what is left': message(8, ...HUGE, 65),
  'a short string that is cut off': message(7, 5, 65),
  'a number that is cut off': message(5, 0, 0),
  'an array of four billion elements': message(14, ...HUGE),
  'a map of four billion entries': message(16, ...HUGE),
  'a set of four billion entries': message(17, ...HUGE),
  'an object of four billion keys': message(11, ...HUGE),
  'an object of four billion keys, in another way': message(12, ...HUGE, 7, 0),
  'a sparse array of four billion properties': message(15, ...HUGE, ...HUGE),
  'a buffer of four gigabytes': message(21, ...HUGE),
  'a view of a number, which would be the length of a new one': message(
    22,
    2,
    0,
    0,
    4,
    0xff,
    0xff,
    0xff,
    0x7f,
  ),
  'a view of an array-like object': message(22, 2, 0, 0, 11, 1, ...latin1('length'), 255),
  'a view beyond its buffer': message(22, 2, 200, 1, 127, 21, 1, 0),
  'a view of an unknown class': message(22, 77, 0, 0, 21, 0),
  'an unknown shape': message(10, 5),
  'a reference to no object': message(9, 0),
  'an attachment': message(24, 0),
  'a function': message(25, 0, 0),
  'a handle': message(26, 0),
  'an absent value': message(13),
  'an absent key of a map': message(16, 1, 13, 0),
  'a number of no digits': message(6, ...latin1('xyz')),
  'a regular expression that is none': message(19, ...latin1('('), ...latin1('')),
  'an error of four billion properties': message(23, 0, ...latin1('Error'), ...latin1(''), ...HUGE),
  'more than one value': message(128, 128),
  'a million boxes in one another': message(repeat(1_000_000, 20), 128),
  'a million views in one another': message(repeat(300_000, 22, 2, 0, 0), 128),
};
for (const [name, text] of Object.entries(hostile)) {
  test(`${name} is an error, and takes no memory`, () => {
    const before = process.memoryUsage();
    throws(() => readValue(text), Error);
    const { rss } = process.memoryUsage();
    ok(rss - before.rss < 200_000_000, `${rss - before.rss} bytes`);
  });
}

test('a million arrays in one another are read without a deep stack', () => {
  let value = readValue(message(repeat(1_000_000, 14, 1), 14, 0));
  let depth = 0;
  while (Array.isArray(value) && value.length === 1) {
    value = value[0];
    depth += 1;
  }
  equal(depth, 1_000_000);
});

test('a key called __proto__ stays a key, and changes nobody', () => {
  const text = writeCall(
    'tasks#a',
    [JSON.parse('{"__proto__":{"polluted":1},"constructor":2}')],
    1e6,
  );
  const [value] = readCall(text).args as [Record<string, unknown>];
  deepEqual(Object.keys(value), ['__proto__', 'constructor']);
  equal(Object.getPrototypeOf(value), Object.prototype);
  equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('an error that claims a registered class gets its prototype, and no code of it runs', () => {
  let isConstructed = false;
  class Watched extends Error {
    constructor() {
      super();
      isConstructed = true;
    }
    set secret(_: unknown) {
      isConstructed = true;
    }
  }
  registerError(Watched);
  for (const [key, expected] of [
    ['user:Watched', Watched],
    ['user:__proto__', Error],
    ['user:constructor', Error],
    ['palitra:nothing', Error],
    ['toString', Error],
  ] as const) {
    const fields = [...latin1('secret'), 1, 129, ...latin1('__proto__'), 1, 130];
    const error = readValue(message(23, 0, ...latin1(key), ...latin1('stack'), 2, ...fields));
    ok(error instanceof expected, key);
    equal(isConstructed, false);
    equal(Object.getOwnPropertyDescriptor(error, 'secret')?.value, 1);
    equal(Object.getOwnPropertyDescriptor(error, '__proto__')?.value, 2);
  }
});

/** Real messages, with everything in them that has an encoding. */
const genuine = Object.values(values)
  .flat()
  .flatMap(({ name, make }) => {
    if (/MiB|deep|nested/i.test(name)) return [];
    try {
      return [writeCall('tasks#echo', [make(), new NotFoundError(1)], 20_000)];
    } catch {
      return [];
    }
  });

interface Change {
  readonly kind: 'set' | 'insert' | 'remove' | 'cut' | 'copy';
  readonly at: number;
  readonly byte: number;
  readonly length: number;
}
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('set', 'insert', 'remove', 'cut', 'copy'),
  at: fc.nat(),
  byte: fc.oneof(fc.nat(255), fc.nat(26), fc.constantFrom(0x7f, 0x80, 0xff)),
  length: fc.nat(40),
});

function mutate(bytes: Buffer, { kind, at, byte, length }: Change): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
  const changed: Record<Change['kind'], Buffer[]> = {
    set: [head, Buffer.of(byte), tail.subarray(1)],
    insert: [head, Buffer.alloc(length, byte), tail],
    remove: [head, tail.subarray(length)],
    cut: [head],
    copy: [bytes, tail],
  };
  return Buffer.concat(changed[kind]);
}

const runs = Number(process.env['PALITRA_FC_RUNS'] ?? 5_000);
const seed = Number(process.env['PALITRA_FC_SEED'] ?? Date.now() % 2 ** 31);

test(`envelopes that were tampered with are read or refused, in bounded time and memory (${runs}, seed ${seed})`, () => {
  ok(genuine.length > 50, `${genuine.length} messages`);
  let refused = 0;
  let longestMs = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...genuine),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      (text, changes) => {
        const bytes = changes.reduce(mutate, Buffer.from(text, 'base64'));
        const start = performance.now();
        let args: readonly unknown[];
        try {
          ({ args } = readCall(bytes.toString('base64')));
        } catch (error) {
          ok(error instanceof Error);
          refused += 1;
          return;
        } finally {
          longestMs = Math.max(longestMs, performance.now() - start);
        }
        // What was read is whole: it can be sent on.
        doesNotThrow(() => writeValue(args, 'result', 'tasks#echo'));
      },
    ),
    { numRuns: runs, seed },
  );
  ok(refused > runs / 4, `only ${refused} of ${runs} were refused`);
  ok(longestMs < 5_000, `one took ${longestMs} ms`);
  equal(({} as Record<string, unknown>)['polluted'], undefined);
  equal(Object.keys(Object.prototype).length, 0);
});

test('bytes that are no envelope at all are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, hasVersion) => {
      const text = Buffer.from(hasVersion ? [1, ...bytes] : bytes).toString('base64');
      try {
        writeValue(readCall(text).args, 'result', 'tasks#echo');
      } catch (error) {
        ok(error instanceof Error);
      }
    }),
    { numRuns: runs, seed },
  );
});

test('text that is no base64 is refused', () => {
  for (const text of ['%%%', '{"palitra":1}', '\u0000', 'AQ']) throws(() => readCall(text), Error);
});
