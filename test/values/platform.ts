import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { BlockList, SocketAddress } from 'node:net';
import { casesOf, itself } from './cases.ts';

/** The same on both threads: an Ed25519 key whose secret is 32 times the byte 1. */
function privateKey(): KeyObject {
  const header = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({
    key: Buffer.concat([header, Buffer.alloc(32, 1)]),
    format: 'der',
    type: 'pkcs8',
  });
}

export class Point {
  readonly x: number;
  readonly y: number;
  #secret = 'private';
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
  reveal(): string {
    return this.#secret;
  }
}

export const platformObjects = casesOf({
  'a Blob': () => new Blob(['some', 'text'], { type: 'text/plain' }),
  'a Blob twice': () => {
    const blob = new Blob(['text']);
    return [blob, { blob }];
  },
  'a File': () => new File(['text'], 'name.txt', { type: 'text/plain', lastModified: 7 }),
  'a secret KeyObject': () => createSecretKey(Buffer.from('a secret')),
  'a private and a public KeyObject': () => {
    const key = privateKey();
    return { key, public: createPublicKey(key), again: key };
  },
  'a SocketAddress': () => new SocketAddress({ address: '::1', family: 'ipv6', port: 80 }),
  'a BlockList': () => {
    const list = new BlockList();
    list.addAddress('10.0.0.1');
    return list;
  },
  'among others': () => ({
    blob: new Blob(['x']),
    list: [1, { key: createSecretKey(Buffer.from('k')) }],
  }),
});

/** What structured clone refuses, or makes `{}` of. */
export const webObjects = casesOf({
  'a URL': itself(() => new URL('https://ada:secret@example.org:8080/é?q=1&q=2#part')),
  'a URL of a file': itself(() => pathToFileURL('/tmp/a b#c?d')),
  'a subclass of URL': [() => new (class extends URL {})('data:,x'), () => new URL('data:,x')],
  'a URL twice': itself(() => {
    const url = new URL('blob:x');
    return { url, list: [url] };
  }),
  URLSearchParams: itself(() => new URLSearchParams('a=1&b=&a=%20é')),
  Headers: itself(() => {
    const headers = new Headers({ accept: '*/*', 'x-empty': '' });
    for (const cookie of ['a=1; Path=/', 'b=2']) headers.append('set-cookie', cookie);
    return headers;
  }),
  'what only inherits from them': [
    () => [URL, URLSearchParams, Headers, AbortSignal, DOMException].map(heirOf),
    () => [{ a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }],
  ],
});

function heirOf({ prototype }: { readonly prototype: object }): object {
  return Object.assign(Object.create(prototype) as object, { a: 1 });
}

export const instances = casesOf({
  'an instance of a class': () => new Point(3, 4),
  'an instance with a null-prototype chain': () =>
    Object.create(Object.create(null) as object, {
      own: { value: 1, enumerable: true },
    }),
  'an instance of a class made by a function': () => {
    function Legacy(this: { a: number }): void {
      this.a = 1;
    }
    Legacy.prototype.method = () => undefined;
    return new (Legacy as unknown as new () => object)();
  },
  'an object whose prototype is an array': () =>
    Object.create([1, 2], { a: { value: 1, enumerable: true } }),
  'a class with accessors': () =>
    new (class {
      visible = 1;
      get derived(): number {
        return 2;
      }
    })(),
  'an object that inherits properties which can be enumerated': () => {
    function Legacy(this: { name: string }): void {
      this.name = 'x';
    }
    Object.assign(Legacy.prototype, { id: 0, method() {} });
    return [{ name: 'y', id: 1 }, new (Legacy as unknown as new () => object)()];
  },
  'a property that a getter deletes, and another that is inherited': () =>
    Object.create(
      { second: 'inherited', toString: 'inherited' },
      Object.getOwnPropertyDescriptors({
        get first() {
          delete (this as { second?: number }).second;
          return 1;
        },
        second: 2,
        third: 3,
      }),
    ),
  'a name of Object.prototype that a getter deletes': () => ({
    get first() {
      delete (this as { toString?: unknown }).toString;
      return 1;
    },
    toString: 2,
  }),
  'identity below heirs of built-in classes': () => {
    const ctx = { n: 1 };
    const tagged = Object.create(null, { [Symbol.toStringTag]: { value: 'Tagged' } }) as object;
    const heirs = [Error, Array, Function, Map, Promise].map(
      (parent) => Object.create(parent.prototype as object) as object,
    );
    return [ctx, ...[...heirs, tagged].map((heir) => Object.assign(Object.create(heir), { ctx }))];
  },
  'built-in objects with other prototypes': () => {
    class Other {}
    return [Other.prototype, Object.prototype, null].map((prototype) =>
      [new Map([[1, 2]]), new Set([1]), new Date(7), /a/g, new Uint8Array(2), Object(1)].map(
        (value) => Object.setPrototypeOf(value, prototype) as unknown,
      ),
    );
  },
  'a Proxy among the prototypes, whose traps throw': () => {
    const trap = (): never => {
      throw new Error('trapped');
    };
    const proxy = new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap });
    // In a list: of a result, `await` asks whether it is a thenable.
    return [Object.create(proxy, { a: { value: 1, enumerable: true } })];
  },
  'a class under a global name': () => {
    class Registered {
      id = 1;
    }
    (globalThis as { Registered?: unknown }).Registered = Registered;
    return new Registered();
  },
  'instances that share': () => {
    const origin = new Point(0, 0);
    return { from: origin, to: new Point(1, 1), origin };
  },
});
