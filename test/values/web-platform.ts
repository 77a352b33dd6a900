import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import {
  blob,
  boxed,
  date,
  error,
  family,
  flexible,
  Growable,
  oddProperty,
  pattern,
  plainFoo,
  Resizable,
  same,
  view,
  type WebPlatformCase,
} from './web-platform-checks.ts';

const numbers = [0.2, 0, -0, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 2 ** 53 + 2];
const texts = ['', '\ud800', '\udc00', '\0', '\udbff\udffd'];
const bigints = [0n, -9007199254740994000n, -(10n ** 75n), -12n];

function constants(values: readonly unknown[]): Record<string, () => unknown> {
  return Object.fromEntries(values.map((value) => [nameOf(value), () => value]));
}

function objects(values: readonly unknown[]): Record<string, () => unknown> {
  return Object.fromEntries(values.map((value) => [nameOf(value), () => Object(value) as object]));
}

function nameOf(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function withFoo(errorClass: ErrorConstructor): () => Error {
  return () => Object.assign(new errorClass('some message'), { foo: 'bar' });
}

const errorClasses = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
] as ErrorConstructor[];

function lastIndexMoved(): RegExp {
  const moved = /foo/gim;
  moved.lastIndex = 2;
  return moved;
}

/**
 * The cases of the web platform tests for structured clone, written anew:
 * html/webappapis/structured-clone/structured-clone-battery-of-tests.js and
 * html/infrastructure/safe-passing-of-structured-data/structuredclone_0.html of web-platform-tests/wpt.
 */
export const webPlatformCases: readonly WebPlatformCase[] = [
  ...family(
    'primitives',
    constants([undefined, null, true, false, ...texts, ...numbers, ...bigints]),
    same,
  ),
  ...family('Boolean objects', objects([true, false]), boxed(Boolean)),
  ...family('String objects', objects(texts), boxed(String)),
  ...family('Number objects', objects(numbers), boxed(Number)),
  ...family('BigInt objects', objects(bigints), boxed(BigInt)),
  ...family(
    'dates',
    Object.fromEntries([0, -0, -8.64e15, 8.64e15].map((ms) => [nameOf(ms), () => new Date(ms)])),
    date,
  ),
  ...family(
    'regular expressions',
    {
      'flags and lastIndex': lastIndexMoved,
      sticky: () => /foo/y,
      unicode: () => /foo/u,
      empty: () => new RegExp(''),
      'a slash': () => new RegExp('/'),
      'a line break': () => new RegExp('\n'),
    },
    {
      'flags and lastIndex': pattern('foo'),
      sticky: pattern('foo'),
      unicode: pattern('foo'),
      empty: pattern('(?:)'),
      'a slash': pattern('\\/'),
      'a line break': pattern('\\n'),
    },
  ),
  ...family(
    'errors',
    {
      'without a message': () => new Error(),
      ...Object.fromEntries(errorClasses.map((each) => [each.name, withFoo(each)])),
      'with a prototype put in': () =>
        Object.setPrototypeOf(new URIError('some message'), SyntaxError.prototype) as Error,
      DOMException: () => new DOMException('some message', 'IndexSizeError'),
      'a DOMException that the platform made': () => {
        try {
          return structuredClone(Symbol('s'));
        } catch (thrown) {
          return thrown;
        }
      },
    },
    error,
  ),
  {
    name: 'errors: a URIError of another realm is one of this realm',
    make: () => runInNewContext('new URIError("some message")'),
    check: (copy) => equal(Object.getPrototypeOf(copy), URIError.prototype),
  },
  ...family(
    'blobs',
    {
      typed: () => new Blob(['foo'], { type: 'text/x-bar' }),
      'bytes that are no UTF-8': () => new Blob([Uint8Array.of(0xed, 0xa0, 0x80)]),
      'a surrogate pair in CESU-8': () =>
        new Blob([Uint8Array.of(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)]),
      empty: () => new Blob(['']),
      'a NUL': () => new Blob(['\0']),
    },
    blob,
  ),
  {
    name: 'arrays: sparse',
    make: () => new Array(10),
    check: (copy) => deepEqual([copy.length, Object.keys(copy)], [10, []]),
  },
  {
    name: 'arrays: a property that is no index',
    make: () => Object.assign([0, 1], { foo: 'bar' }),
    check: (copy) => deepEqual([[...copy], copy.foo], [[0, 1], 'bar']),
  },
  {
    name: 'arrays: an element that is not writable',
    make: () => Object.defineProperty([0, 1], '2', { value: 100, enumerable: true }),
    check: (copy) => ok(Object.getOwnPropertyDescriptor(copy, '2')!.writable),
  },
  {
    name: 'objects: an index and a length',
    make: () => ({ 0: 'foo', length: 1 }),
    check: (copy) => {
      ok(!Array.isArray(copy));
      deepEqual(copy, { 0: 'foo', length: 1 });
    },
  },
  {
    name: 'arrays: a cycle',
    make: () => {
      const list: unknown[] = [0];
      list.push(list);
      return list;
    },
    check: (copy) => equal(copy[1], copy),
  },
  {
    name: 'objects: a cycle',
    make: () => {
      const object: { x?: unknown } = {};
      object.x = object;
      return object;
    },
    check: (copy) => equal(copy.x, copy),
  },
  {
    name: 'arrays: the same object twice',
    make: () => {
      const shared = {};
      return [shared, shared];
    },
    check: (copy) => equal(copy[0], copy[1]),
  },
  {
    name: 'objects: the same object twice, read once',
    make: () => {
      const shared = {
        called: 0,
        get child(): number {
          return ++this.called;
        },
      };
      return { x: shared, y: shared };
    },
    check: (copy, original) => {
      equal(copy.x, copy.y);
      equal(copy.x.called, 0, 'what was read before the getter ran');
      ok(original.x.called <= 1, 'read once');
    },
  },
  {
    name: 'objects: a property of the prototype',
    make: () => Object.create({ foo: 'bar' }, { a: { value: 1, enumerable: true } }) as object,
    check: (copy) => {
      deepEqual(Reflect.ownKeys(copy), ['a']);
      ok(!('foo' in copy));
      equal(copy.constructor, Object);
    },
  },
  {
    name: 'objects: the order of properties',
    make: () => Object.assign({ a: 'hello', b: 'w3c', c: 'and world' }, { a: 'named1' }),
    check: (copy) => deepEqual(Object.keys(copy), ['a', 'b', 'c']),
  },
  {
    name: 'objects: a property that is not enumerable',
    make: oddProperty({ enumerable: false }),
    check: (copy) => ok(!('foo' in copy)),
  },
  {
    name: 'objects: a property that is not writable',
    make: oddProperty({ writable: false }),
    check: plainFoo,
  },
  {
    name: 'objects: a property that is not configurable',
    make: oddProperty({ configurable: false }),
    check: plainFoo,
  },
  {
    name: 'objects: Object.prototype loses what is special about it',
    make: () => Object.prototype,
    check: (copy) => {
      notEqual(copy, Object.prototype);
      const prototype = { some: 'prototype' };
      equal(Object.getPrototypeOf(Object.setPrototypeOf(copy, prototype)), prototype);
    },
  },
  {
    name: 'buffers: a resizable ArrayBuffer',
    make: () => new Resizable(16, { maxByteLength: 1024 }),
    check: flexible,
  },
  {
    name: 'buffers: a growable SharedArrayBuffer',
    make: () => new Growable(16, { maxByteLength: 1024 }),
    check: flexible,
  },
  {
    name: 'buffers: a typed array that follows its buffer',
    make: () => new Uint8Array(new Resizable(16, { maxByteLength: 1024 })),
    check: view,
  },
  {
    name: 'buffers: a DataView that follows its buffer',
    make: () => new DataView(new Resizable(16, { maxByteLength: 1024 })),
    check: view,
  },
];
