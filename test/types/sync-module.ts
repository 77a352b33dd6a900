/** Compiled, never run: a module as it is, and how groups end. */
import {
  coroutines,
  gather,
  gatherSettled,
  sync,
  type Coroutine,
  type EventLoopThreadRunner,
  type Handle,
  type SettledResults,
  type SyncModule,
} from 'palitra';
import type { Equal, Expect } from './expect.ts';
import type * as module from './module.ts';

declare const comments: SyncModule<typeof module>;
declare const path: SyncModule<typeof import('node:path')>;
declare const untyped: SyncModule<any>;

export type Values = [
  // Functions are synchronous,
  Expect<Equal<typeof comments.fetchComment, (id: number) => { id: number; text: string }>>,
  Expect<Equal<typeof comments.add, (a: number, b?: number) => number>>,
  Expect<Equal<ReturnType<typeof comments.default>, 'main'>>,
  // what is none is there by value,
  Expect<Equal<typeof comments.VERSION, string>>,
  Expect<Equal<typeof path.sep, '/' | '\\'>>,
  // and so in nested namespaces.
  Expect<Equal<typeof comments.users.find, (id: number) => string>>,
  Expect<Equal<typeof comments.users.table, string>>,
  Expect<Equal<ReturnType<typeof path.posix.join>, string>>,
  // It has the names of the module.
  Expect<Equal<keyof typeof comments, keyof typeof module>>,
  Expect<Equal<(typeof untyped)['anything'], any>>,
];

export function running(): void {
  const client = new comments.Client('redis://localhost');
  const ids: 'by id' = comments.find(1);
  const names: 'by name' = comments.find('a');
  comments.watch((percent) => percent > 50);
  // @ts-expect-error -- a callback's result is checked
  comments.watch(() => 'no');
  // @ts-expect-error -- a module's names are read-only
  comments.VERSION = '2';
  void (0 as unknown as [
    Expect<Equal<typeof client, Handle<module.Client>>>,
    typeof ids,
    typeof names,
  ]);
}

export function functions(runner: EventLoopThreadRunner): void {
  const api = coroutines<typeof module>('./module.js', import.meta);
  const values = sync(api, { values: true, timeout: 5 });
  const onRunner = runner.sync(api, { values: true });
  const bounded = sync(api, { timeout: 5, signal: new AbortController().signal });
  const separator = sync(coroutines('node:path'), { values: true }).sep;
  const found: 'by id' = bounded.find(1);
  type Functions = [
    Expect<Equal<typeof values, SyncModule<typeof module>>>,
    Expect<Equal<typeof onRunner, SyncModule<typeof module>>>,
    Expect<Equal<typeof separator, '/' | '\\'>>,
  ];
  // @ts-expect-error -- without `values` there are only functions
  void bounded.VERSION;
  const few = gather([api.add(1), api.find('a')], { concurrency: 2 });
  const settled = gatherSettled([api.add(1), api.find('a')]);
  const list = gatherSettled(
    [1, 2].map((n) => api.add(n)),
    { concurrency: 2, timeout: 5 },
  );
  type Groups = [
    Expect<Equal<typeof few, [number, 'by name']>>,
    Expect<Equal<typeof settled, [PromiseSettledResult<number>, PromiseSettledResult<'by name'>]>>,
    Expect<Equal<typeof list, PromiseSettledResult<number>[]>>,
  ];
  void (0 as unknown as [Functions, Groups, typeof found]);
}

export type Settled = [
  Expect<
    Equal<
      SettledResults<readonly [Coroutine<number>, Coroutine<'a'>]>,
      [PromiseSettledResult<number>, PromiseSettledResult<'a'>]
    >
  >,
  Expect<Equal<SettledResults<Coroutine<number>[]>, PromiseSettledResult<number>[]>>,
  Expect<Equal<SettledResults<[]>, []>>,
];
