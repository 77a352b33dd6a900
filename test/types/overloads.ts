/** Compiled, never run: overloads, type parameters, rest and optional parameters, data and functions in arguments. */
import {
  coroutine,
  coroutines,
  run,
  sync,
  type Argument,
  type Coroutine,
  type CoroutineFunction,
  type Handle,
} from 'palitra';
import type { Stats } from 'node:fs';
import type { Equal, Expect } from './expect.ts';

interface Options {
  readonly limit: number;
  readonly nested?: { readonly list: readonly Options[]; readonly when: Date };
}
interface Hooks {
  onRow(row: Options): Promise<boolean>;
}
declare class Client {
  constructor(url: string);
  constructor(options: Options, lazy: true);
  get(key: string): Promise<string>;
  get(index: number): Promise<number>;
}
declare const module: {
  two(id: number): Promise<'by id'>;
  two(name: string, options?: Options): Promise<'by name'>;
  eight(n: 1): 1;
  eight(n: 2): 2;
  eight(n: 3): 3;
  eight(n: 4): 4;
  eight(n: 5): 5;
  eight(n: 6): 6;
  eight(n: 7): 7;
  eight(n: 8): 8;
  nine(n: 0): 0;
  nine(n: 1): 1;
  nine(n: 2): 2;
  nine(n: 3): 3;
  nine(n: 4): 4;
  nine(n: 5): 5;
  nine(n: 6): 6;
  nine(n: 7): 7;
  nine(n: 8): 8;
  generic<T extends Options>(value: T, list: T[]): Promise<T>;
  free<T>(value: T): Promise<T>;
  rest(first: string, ...others: number[]): Promise<void>;
  optional(first?: string): Promise<void>;
  each(rows: Options[], onRow: (row: Options) => Promise<boolean>): Promise<void>;
  each(onRow: (row: Options) => Promise<boolean>): Promise<number>;
  data(options: Options, map: Map<string, Options>, both: Options | string): Promise<void>;
  platform(url: URL, headers: Headers, signal: AbortSignal, query: URLSearchParams): Promise<void>;
  hooks(hooks: Hooks, both: Hooks | Options): Promise<void>;
  untyped: any;
  Client: typeof Client;
};
declare const api: ReturnType<typeof coroutines<typeof module>>;
const blocking = sync(api);

/** The user's own overloads are those of the coroutine function, and of the synchronous one. */
export function overloads(): void {
  const eight = [run(api.eight(1)), run(api.eight(8))] as const;
  // @ts-expect-error -- of more than eight, the first are lost
  api.nine(0);
  const nine = [run(api.nine(1)), run(api.nine(8))] as const;
  const each = [run(api.each([], () => true)), run(api.each(async () => true))] as const;
  // @ts-expect-error -- each is checked
  api.each(() => 'no');
  // @ts-expect-error -- a mixture of two is none
  api.two(1, { limit: 1 });
  const client = run(new api.Client({ limit: 1 }, true));
  const other = run(new api.Client('redis://localhost'));
  const inPlace = coroutine(module.two);
  type Overloads = [
    Expect<Equal<ReturnType<typeof byId>, 'by id'>>,
    Expect<Equal<ReturnType<typeof byName>, 'by name'>>,
    Expect<Equal<typeof eight, readonly [1, 8]>>,
    Expect<Equal<typeof nine, readonly [1, 8]>>,
    Expect<Equal<typeof each, readonly [void, number]>>,
    Expect<Equal<typeof client, Handle<Client>>>,
    Expect<Equal<typeof other, Handle<Client>>>,
    Expect<Equal<typeof api.two, typeof inPlace>>,
    Expect<Equal<typeof api.two, CoroutineFunction<typeof module.two>>>,
  ];
  const byId = () => blocking.two(1);
  const byName = () => blocking.two('a', { limit: 1 });
  const methods = [run(client.get('key')), run(client.get(1))] as const;
  type Methods = Expect<Equal<typeof methods, readonly [string, number]>>;
  const blockingClient = new blocking.Client({ limit: 1 }, true);
  type Blocking = Expect<Equal<typeof blockingClient, Handle<Client>>>;
  void (0 as unknown as [Overloads, Methods, Blocking]);
}

/** One signature stays one, to the letter. */
export type Signatures = [
  Expect<Equal<typeof api.rest, (first: string, ...others: number[]) => Coroutine<void>>>,
  Expect<Equal<typeof api.optional, (first?: string) => Coroutine<void>>>,
  Expect<Equal<typeof blocking.rest, (first: string, ...others: number[]) => void>>,
  // What has no function in it is not rewritten.
  Expect<
    Equal<
      Parameters<typeof api.data>,
      [options: Options, map: Map<string, Options>, both: Options | string]
    >
  >,
  Expect<
    Equal<
      Parameters<typeof api.platform>,
      [url: URL, headers: Headers, signal: AbortSignal, query: URLSearchParams]
    >
  >,
  Expect<Equal<Argument<Options>, Options>>,
  // Type parameters become what they extend.
  Expect<Equal<typeof api.generic, (value: Options, list: Options[]) => Coroutine<Options>>>,
  Expect<Equal<typeof api.free, (value: unknown) => Coroutine<unknown>>>,
  // Of an untyped member nothing is known.
  Expect<Equal<typeof api.untyped, any>>,
];

export function generics(): void {
  const free = api.free as <T>(value: T) => Coroutine<T>;
  const row = run(free({ id: 1 }));
  void (0 as unknown as Expect<Equal<typeof row, { id: number }>>);
}

export function functionsInObjects(data: Handle<Options>): void {
  run(api.hooks({ onRow: () => true }, { limit: 1 }));
  run(api.hooks({ onRow: async () => true }, { onRow: ({ limit }) => limit > 1 }));
  // @ts-expect-error -- a wrong result
  run(api.hooks({ onRow: () => 'yes' }, { limit: 1 }));
  // A handle of data stands for it, although signatures do not mention it.
  run(api.data(data, new Map([['a', data]]), data));
  // @ts-expect-error -- but its properties are on the loop thread
  void data.limit.toFixed();
  // @ts-expect-error -- and it is no handle of something else
  run(new api.Client(data, data));
}

/** Node's own modules have their types by their names. */
export function builtins(): void {
  const fs = coroutines('node:fs/promises');
  const dns = coroutines('node:dns/promises');
  const texts = [
    run(fs.readFile('a', 'utf8')),
    run(fs.readFile('a', { encoding: 'utf8' })),
  ] as const;
  const bytes = run(fs.readFile('a'));
  const isBuffer = Buffer.isBuffer(bytes) && bytes.subarray(1).length > 0;
  const names = run(fs.readdir('.'));
  const entries = run(fs.readdir('.', { withFileTypes: true }));
  const isFolder: boolean = entries.some((entry) => entry.isDirectory());
  const stats = run(fs.stat('.'));
  const large = run(fs.stat('.', { bigint: true })).size;
  const address = run(dns.lookup('localhost'));
  const addresses = run(dns.lookup('localhost', { all: true }));
  const size = sync(fs).stat('.').size;
  const joined = run(coroutines('path').posix.join('a', 'b'));
  const given: typeof fs = coroutines<typeof import('node:fs/promises')>('node:fs/promises');
  const unknown = run(coroutines('node:not-there').anything(1));
  // @ts-expect-error -- there is no such function
  fs.readFiel('a');
  // @ts-expect-error -- a module of one's own has no types by its name
  coroutines('./module.js', import.meta).find(1);
  type Builtins = [
    Expect<Equal<typeof texts, readonly [string, string]>>,
    Expect<Equal<typeof names, string[]>>,
    Expect<Equal<typeof stats, Stats>>,
    Expect<Equal<typeof large, bigint>>,
    Expect<Equal<typeof size, number>>,
    Expect<Equal<typeof address.address, string>>,
    Expect<Equal<(typeof addresses)[number]['family'], number>>,
    Expect<Equal<typeof joined, string>>,
    Expect<Equal<typeof unknown, any>>,
  ];
  void (0 as unknown as [Builtins, typeof isBuffer, typeof isFolder, typeof given]);
}
