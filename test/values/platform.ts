import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { BlockList, SocketAddress } from 'node:net';
import { casesOf } from './cases.ts';

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
  'instances that share': () => {
    const origin = new Point(0, 0);
    return { from: origin, to: new Point(1, 1), origin };
  },
});
