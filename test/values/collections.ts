import { casesOf } from './cases.ts';

export const collections = casesOf({
  'an empty Map': () => new Map(),
  'a Map of primitives': () =>
    new Map<unknown, unknown>([
      ['a', 1],
      [1, 'a'],
      [NaN, NaN],
      [-0, -0],
      [null, undefined],
      [1n, true],
    ]),
  'a Map in a Map': () => new Map([['inner', new Map([['deep', new Map()]])]]),
  'a Map whose keys are objects, by identity': () => {
    const key = { name: 'key' };
    return {
      key,
      map: new Map<unknown, unknown>([
        [key, [key]],
        [{ name: 'key' }, 'another'],
      ]),
    };
  },
  'a Map in itself, as key and value': () => {
    const map = new Map<unknown, unknown>();
    return map.set(map, map).set('list', [map]);
  },
  'a Map of 3,000': () => new Map(Array.from({ length: 3000 }, (_, n) => [n, `v${n}`])),
  // Bun's structuredClone keeps them, which the standard does not.
  'a Map with properties': [
    () => Object.assign(new Map([[1, 2]]), { dropped: true }),
    () => new Map([[1, 2]]),
  ],
  'a subclass of Map that iterates differently': () =>
    new (class extends Map<number, number> {
      override [Symbol.iterator](): never {
        throw new Error('not for the codec');
      }
      override entries(): never {
        throw new Error('not for the codec');
      }
    })().set(1, 2),
  'an empty Set': () => new Set(),
  'a Set of primitives': () => new Set<unknown>([1, '1', 1n, NaN, -0, null, undefined]),
  'a Set of objects, by identity': () => {
    const member = {};
    return [member, new Set([member, {}, member])];
  },
  'a Set in itself': () => {
    const set = new Set<unknown>();
    return set.add(set).add([set]);
  },
  'a Set of 3,000': () => new Set(Array.from({ length: 3000 }, (_, n) => `v${n}`)),
  'a Map whose prototype is null': () => Object.setPrototypeOf(new Map([[1, 2]]), null),
  'a Date': () => new Date(Date.UTC(1815, 11, 10, 1, 2, 3, 4)),
  'the first and the last Date': () => [new Date(-8.64e15), new Date(8.64e15), new Date(-0)],
  'an invalid Date': () => new Date(NaN),
  'a Date twice': () => {
    const date = new Date(1);
    return [date, date, new Date(1)];
  },
  'a Date with a getTime of its own': () => Object.assign(new Date(7), { getTime: undefined }),
  'a subclass of Date': () => new (class extends Date {})(7),
  'a RegExp': () => /a+(?<name>b)/,
  'a RegExp with all flags that go together': () => /./dgimsuy,
  'a RegExp with the v flag': () => new RegExp('[\\p{L}--[a-z]]', 'v'),
  'the empty RegExp': () => new RegExp(''),
  'a RegExp of slashes, newlines and surrogates': () => new RegExp('/\n\\/[/]\ud83d'),
  'a lastIndex is reset': () => Object.assign(/a/g, { lastIndex: 3 }),
  'a RegExp that lies about itself': () =>
    Object.defineProperties(/a/g, { source: { value: '(' }, flags: { value: 'zz' } }),
  'a RegExp twice': () => {
    const pattern = /a/;
    return [pattern, { pattern }];
  },
  'boxed numbers': () => [Object(1), Object(-0), Object(NaN)],
  'boxed strings': () => [Object(''), Object('text'), Object('語')],
  'boxed booleans': () => [Object(true), Object(false)],
  'a boxed bigint': () => Object(10n ** 30n),
  'a box twice': () => {
    const box = Object(1) as object;
    return [box, box, Object(1)];
  },
  'a box with properties': () => Object.assign(Object('text') as object, { dropped: true }),
  'a box with a valueOf of its own': () =>
    Object.assign(Object(1) as object, { valueOf: undefined }),
});
