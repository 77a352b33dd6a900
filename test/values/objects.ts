import { casesOf, itself } from './cases.ts';

const RING = 1 << 17;

function cycle(): unknown {
  const value: Record<string, unknown> = { name: 'cycle' };
  value['self'] = value;
  value['list'] = [value, { up: value }];
  return value;
}

function shared(): unknown {
  const inner = { n: 1 };
  const list = [inner, inner];
  return { inner, list, again: list, deep: { inner } };
}

/** More objects than are looked for one by one, with a reference back to each. */
function manyShared(): unknown {
  const all = Array.from({ length: 40 }, (_, n) => ({ n }));
  return [...all, ...all.reverse()];
}

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'the bottom';
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

/** The platform cannot clone what is nested so deep; what arrives is what was sent. */
function deep(depth: number, wrap: (inner: unknown) => unknown): [() => unknown, () => unknown] {
  const make = (): unknown => nested(depth, wrap);
  return [make, make];
}

function withKeys(count: number, key: (index: number) => string): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), index]));
}

export const objects = casesOf({
  'an empty object': () => ({}),
  'a flat object': () => ({
    id: 1,
    name: 'Ada',
    isAdmin: true,
    rate: 0.5,
    nothing: null,
    no: undefined,
  }),
  'the same shape many times': () =>
    Array.from({ length: 50 }, (_, id) => ({ id, name: `n${id}` })),
  'other values under the same keys': () => [
    { a: 1, b: 'x' },
    { a: [], b: {} },
    { a: null, b: -0 },
  ],
  'the same keys in another order': () => [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  'a shape that begins like another': () => [{ a: 1, b: 2, c: 3 }, { a: 1, b: 2 }, { a: 1 }],
  'integer keys': () => ({ 2: 'b', 1: 'a', x: 'last', '-1': 'c', '01': 'd' }),
  'keys that are no identifiers': () => ({ '': 0, 'a b': 1, é: 2, 語: 3, '\ud800': 4, 'a.b': 5 }),
  'keys of Object.prototype': () => ({
    constructor: 1,
    toString: 2,
    hasOwnProperty: 3,
    valueOf: 4,
  }),
  'an own __proto__': () => JSON.parse('{"__proto__":{"admin":true},"a":1}'),
  'an own __proto__ that is a primitive': () => JSON.parse('[{"__proto__":1},{"__proto__":null}]'),
  'own __proto__ in an array, an error and an object of many keys': () => [
    Object.defineProperty([1], '__proto__', { value: { a: 1 }, enumerable: true }),
    { ...withKeys(60, (n) => `k${n}`), ['__proto__']: { a: 1 } },
  ],
  then: () => ({ value: { then: 'not a thenable' } }),
  'a thousand keys': () => withKeys(1000, (n) => `key ${n}`),
  'forty-eight and forty-nine keys': () => [48, 49].map((count) => withKeys(count, (n) => `k${n}`)),
  '2,500 shapes': () => Array.from({ length: 2500 }, (_, n) => ({ [`only${n}`]: n })),
  'a null prototype': () => Object.assign(Object.create(null) as object, { a: 1 }),
  'null prototypes in a list': () => [1, 2].map((n) => ({ __proto__: null, n })),
  'frozen, sealed': () => [Object.freeze({ a: 1 }), Object.seal([1])],
  'a getter': () => ({
    get now() {
      return { made: 'by a getter' };
    },
  }),
  'a getter that is inherited': () =>
    Object.create({
      get hidden() {
        return 1;
      },
    }),
  'keys that are not enumerable': () => Object.defineProperty({ a: 1 }, 'b', { value: 2 }),
  'symbol keys': () => ({ a: 1, [Symbol('b')]: 2, [Symbol.toStringTag]: 'Tag' }),
  'an empty array': () => [],
  'nested arrays': () => [[], [[]], [[[1], 2], 3]],
  holes: () => [1, , 3, , ,],
  'only holes': () => new Array(5),
  'a hole and undefined': () => [undefined, , undefined],
  'named properties of an array': () => Object.assign([1, 2], { index: 7, input: { a: 1 } }),
  'the result of a match': () => /(?<year>\d+)/.exec('in 1815'),
  // It takes Bun's structuredClone a minute to look at all that is not there.
  'a sparse array of huge length': itself(() => Object.assign([], { 7: 'a', 4294967294: 'z' })),
  'an array of huge length with nothing in it': itself(() => new Array(2 ** 32 - 1)),
  'a subclass of Array': () => Object.assign(new (class List extends Array {})(), [1, 2, 3]),
  'many numbers': () => Array.from({ length: 5000 }, (_, n) => n / 3),
  'many strings': () => Array.from({ length: 2000 }, (_, n) => `é${n}`),
  'many primitives, with holes': () =>
    Object.assign(new Array(3000), { 5: 'x', 2999: null, 17: -0 }),
  'many numbers and named properties': () => {
    const inner = { n: 1 };
    return [
      inner,
      Object.assign(
        Array.from({ length: 2000 }, (_, n) => n),
        { inner, also: inner },
      ),
    ];
  },
  'many numbers twice': () => {
    const list = Array.from({ length: 2000 }, (_, n) => n);
    return { list, again: list };
  },
  'many objects': () => Array.from({ length: 2000 }, (_, n) => ({ n, next: { n: -n } })),
  'a cycle': cycle,
  'an array in itself': () => {
    const list: unknown[] = [1];
    list.push(list, [list]);
    return list;
  },
  'shared references': shared,
  'forty shared references': manyShared,
  'more than the ring holds': () =>
    Array.from({ length: 500 }, (_, n) => ({ n, text: `${'é'.repeat(RING / 400)}${n}` })),
  'a tree': () => {
    const tree = (depth: number): unknown =>
      depth === 0 ? depth : { depth, left: tree(depth - 1), right: [tree(depth - 1)] };
    return tree(8);
  },
  'objects 1,000 deep': () => nested(1000, (next) => ({ next })),
  'objects 10,000 deep': deep(10_000, (next) => ({ next, level: 1 })),
  'arrays 10,000 deep': deep(10_000, (inner) => [inner, 1]),
  'holes and names 10,000 deep': deep(10_000, (inner) => Object.assign([, inner], { name: 'x' })),
  'maps 10,000 deep': deep(10_000, (inner) => new Map([[inner, 1]])),
  'sets 10,000 deep': deep(10_000, (inner) => new Set([inner])),
  'everything 10,000 deep': deep(2500, (inner) => ({ a: [new Map([['m', new Set([inner])]])] })),
  'a cycle 10,000 long': (() => {
    const make = (): unknown => {
      const first: Record<string, unknown> = { name: 'first' };
      first['next'] = nested(10_000, (next) => (next === 'the bottom' ? { first } : { next }));
      return first;
    };
    return [make, make] as const;
  })(),
});
