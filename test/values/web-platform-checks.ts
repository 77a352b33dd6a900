import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';

/** One value, and what must be true of what arrives. */
export interface WebPlatformCase {
  readonly name: string;
  readonly make: () => any;
  readonly check: (copy: any, original: any) => void | Promise<void>;
}

type Check = WebPlatformCase['check'];

export function same(copy: unknown, original: unknown): void {
  ok(Object.is(copy, original), `${String(copy)} instead of ${String(original)}`);
}

/** Another object of this class, with the same text or number. */
export function boxed(objectClass: Function): Check {
  return (copy, original) => {
    ok(copy instanceof objectClass);
    notEqual(copy, original);
    same(copy.valueOf(), original.valueOf());
  };
}

export function date(copy: Date, original: Date): void {
  ok(copy instanceof Date);
  notEqual(copy, original);
  same(copy.getTime(), original.getTime());
}

export function pattern(source: string): Check {
  return (copy: RegExp, original: RegExp) => {
    ok(copy instanceof RegExp);
    notEqual(copy, original);
    equal(copy.source, source);
    equal(copy.flags, original.flags);
    equal(copy.lastIndex, 0);
  };
}

export async function blob(copy: Blob, original: Blob): Promise<void> {
  ok(copy instanceof Blob);
  deepEqual([copy.size, copy.type], [original.size, original.type]);
  deepEqual(await copy.arrayBuffer(), await original.arrayBuffer());
}

/** Beyond the web: own properties (`foo`) come along. */
export function error(copy: Error & { foo?: string }, original: Error & { foo?: string }): void {
  equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(original));
  equal(copy.constructor, original.constructor);
  deepEqual([copy.name, copy.message, copy.foo], [original.name, original.message, original.foo]);
  equal(Object.hasOwn(copy, 'message'), Object.hasOwn(original, 'message'));
}

/** Every value by itself, all of them in an array, and all of them in an object. */
export function family(
  name: string,
  makers: Readonly<Record<string, () => unknown>>,
  check: Check | Readonly<Record<string, Check>>,
): WebPlatformCase[] {
  const checkOf = (key: string): Check => (typeof check === 'function' ? check : check[key]!);
  const entries = Object.entries(makers);
  return [
    ...entries.map(([key, make]) => ({ name: `${name}: ${key}`, make, check: checkOf(key) })),
    {
      name: `${name}: an array of all`,
      make: () => entries.map(([, make]) => make()),
      check: async (copy, original) => {
        ok(Array.isArray(copy) && copy !== original);
        equal(copy.length, original.length);
        for (const [index, [key]] of entries.entries()) {
          await checkOf(key)(copy[index], original[index]);
        }
      },
    },
    {
      name: `${name}: an object of all`,
      make: () => Object.fromEntries(entries.map(([key, make]) => [key, make()])),
      check: async (copy, original) => {
        equal(Object.getPrototypeOf(copy), Object.prototype);
        notEqual(copy, original);
        deepEqual(Object.keys(copy), Object.keys(original));
        for (const [key] of entries) await checkOf(key)(copy[key], original[key]);
      },
    },
  ];
}

/** An object with one property `foo`, which differs from a plain one by this. */
export function oddProperty(descriptor: PropertyDescriptor): () => object {
  return () => {
    const flags = { writable: true, enumerable: true, configurable: true };
    return Object.defineProperty({}, 'foo', { value: 'bar', ...flags, ...descriptor });
  };
}

export function plainFoo(copy: object): void {
  deepEqual(Object.getOwnPropertyDescriptor(copy, 'foo'), {
    value: 'bar',
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

export const Resizable = ArrayBuffer as unknown as new (
  length: number,
  options: object,
) => ArrayBuffer;
export const Growable = SharedArrayBuffer as unknown as new (
  length: number,
  options: object,
) => SharedArrayBuffer;

export function flexible(copy: any, original: any): void {
  equal(copy.constructor, original.constructor);
  const { byteLength, maxByteLength, resizable, growable } = original;
  deepEqual(
    [copy.byteLength, copy.maxByteLength, copy.resizable, copy.growable],
    [byteLength, maxByteLength, resizable, growable],
  );
}

export function view(copy: any, original: any): void {
  equal(copy.constructor, original.constructor);
  deepEqual([copy.byteLength, copy.byteOffset], [original.byteLength, original.byteOffset]);
  notEqual(copy.buffer, original.buffer);
  flexible(copy.buffer, original.buffer);
}
