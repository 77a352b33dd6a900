import { test } from 'node:test';
import { equal, notEqual } from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describeGraph } from './graph.ts';

const shared = { n: 1 };
const buffer = (): ArrayBuffer => new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
const cyclic = (keys: string[]): object => {
  const value: Record<string, unknown> = {};
  for (const key of keys) value[key] = value;
  return value;
};

/** Two values that are not the same, though many a comparison would say so. */
const pairs: Record<string, [unknown, unknown]> = {
  'undefined and null': [undefined, null],
  '0 and -0': [0, -0],
  '1 and 1n': [1, 1n],
  '1 and "1"': [1, '1'],
  'a lone surrogate and its replacement': ['\ud800', '\ufffd'],
  'long strings': ['x'.repeat(1000), `${'x'.repeat(999)}y`],
  'a key that is undefined and none': [{ a: undefined }, {}],
  'the order of keys': [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  'a getter and its value': [
    {
      get a() {
        return 1;
      },
    },
    { a: 1 },
  ],
  'a key that is not enumerable': [Object.defineProperty({}, 'a', { value: 1 }), { a: 1 }],
  'a symbol key': [{ [Symbol.iterator]: 1 }, {}],
  'an own __proto__': [JSON.parse('{"__proto__":{"a":1}}'), { __proto__: { a: 1 } }],
  'the prototype': [Object.create(null), {}],
  'a class': [new (class A {})(), {}],
  frozen: [Object.freeze({}), {}],
  'a hole and undefined': [new Array(1), [undefined]],
  'the length of an array': [new Array(2), new Array(3)],
  'a named property of an array': [Object.assign([1], { a: 1 }), [1]],
  'an array and an object': [[1], { 0: 1 }],
  identity: [
    [shared, shared],
    [{ n: 1 }, { n: 1 }],
  ],
  'identity among keys of a map': [
    [new Map([[shared, 1]]), shared],
    [new Map([[{ n: 1 }, 1]]), shared],
  ],
  cycles: [cyclic(['a']), { a: cyclic(['a']) }],
  'the order of a map': [
    new Map([
      [1, 1],
      [2, 2],
    ]),
    new Map([
      [2, 2],
      [1, 1],
    ]),
  ],
  'the order of a set': [new Set([1, 2]), new Set([2, 1])],
  'a map and its subclass': [new (class A extends Map {})(), new Map()],
  'a property of a map': [Object.assign(new Map(), { a: 1 }), new Map()],
  dates: [new Date(0), new Date(1)],
  'invalid dates': [new Date(0), new Date(NaN)],
  'the flags of a regular expression': [/a/g, /a/],
  lastIndex: [Object.assign(/a/g, { lastIndex: 1 }), /a/g],
  'a primitive and its box': [Object(1), 1],
  boxes: [Object(0), Object(-0)],
  'the content of a buffer': [new Uint8Array([1]), new Uint8Array([2])],
  'the content of a large buffer': [new Uint8Array(1000), new Uint8Array(1000).fill(1)],
  'the kind of a view': [new Uint8Array(4), new Int8Array(4)],
  'a view and a copy of its part': [new Uint8Array(buffer(), 0, 4), new Uint8Array([1, 2, 3, 4])],
  'the offset of a view': [new Uint8Array(buffer(), 0, 4), new Uint8Array(buffer(), 1, 4)],
  'views of one buffer and of two': [
    ((bytes) => [new Uint8Array(bytes), new Int8Array(bytes)])(buffer()),
    [new Uint8Array(buffer()), new Int8Array(buffer())],
  ],
  'a shared buffer': [new SharedArrayBuffer(4), new ArrayBuffer(4)],
  'the class of an error': [new TypeError('a'), new RangeError('a')],
  'the message of an error': [new Error('a'), new Error('b')],
  'no message and an empty one': [new Error(), new Error('')],
  'the cause of an error': [new Error('a', { cause: undefined }), new Error('a')],
  'a property of an error': [Object.assign(new Error('a'), { code: 1 }), new Error('a')],
  'the name of a DOMException': [new DOMException('a', 'AbortError'), new DOMException('a', 'X')],
  keys: [createSecretKey(Buffer.from('a')), createSecretKey(Buffer.from('b'))],
  'a blob': [new Blob(['a']), new Blob(['ab'])],
  'a proxy': [new Proxy({}, {}), {}],
};

for (const [title, [one, other]] of Object.entries(pairs)) {
  test(`the description tells apart: ${title}`, () => {
    notEqual(describeGraph(one), describeGraph(other));
    notEqual(describeGraph({ deep: [one] }), describeGraph({ deep: [other] }));
  });
}

test('the same graph made twice has the same description', () => {
  const make = (): unknown => {
    const inner = { text: 'x', list: [1, , 3] };
    return [
      inner,
      new Map<unknown, unknown>([[inner, new Set([inner])]]),
      new Error('a', { cause: inner }),
    ];
  };
  equal(describeGraph(make()), describeGraph(make()));
});

test('the order of an error’s properties, and its stack, do not matter', () => {
  const one = Object.assign(new Error('a'), { b: 1, c: 2 });
  const other = Object.assign(new Error('a'), { c: 2, b: 1 });
  other.stack = 'elsewhere';
  equal(describeGraph(one), describeGraph(other));
});

test('depth is no problem', () => {
  let value: unknown = null;
  for (let depth = 0; depth < 200_000; depth++) value = [value];
  equal(describeGraph(value).split('\n').length, 200_001);
});
