/** Compiled, never run: what the types of a module become. */
import {
  coroutine,
  type coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  get,
  iterate,
  run,
  start,
  sync,
  type Coroutine,
  type Handle,
  type LoopThreadError,
  type Task,
  type TimeoutError,
} from 'palitra';
import type { Equal, Expect } from './expect.ts';
import type * as module from './module.ts';

type Api = ReturnType<typeof coroutines<typeof module>>;
type Comment = { id: number; text: string };
declare const api: Api;

export type Modules = [
  Expect<Equal<ReturnType<Api['fetchComment']>, Coroutine<Comment>>>,
  Expect<Equal<Parameters<Api['add']>, [a: number, b?: number | undefined]>>,
  Expect<Equal<ReturnType<Api['add']>, Coroutine<number>>>,
  Expect<Equal<Parameters<Api['sum']>, number[]>>,
  Expect<Equal<ReturnType<Api['default']>, Coroutine<'main'>>>,
  Expect<Equal<ReturnType<Api['users']['find']>, Coroutine<string>>>,
  // What cannot be called is left out.
  Expect<Equal<'VERSION' extends keyof Api ? true : false, false>>,
  Expect<Equal<'table' extends keyof Api['users'] ? true : false, false>>,
];

export function running(): unknown[] {
  const comment: Comment = run(api.fetchComment(1), { timeout: 1_000 });
  // @ts-expect-error -- the arguments are checked
  api.fetchComment('1');
  // @ts-expect-error -- a promise is not a coroutine
  run(Promise.resolve(1));
  // @ts-expect-error -- nor is the function itself
  run(api.fetchComment);
  // @ts-expect-error -- an unknown option
  run(api.fetchComment(1), { timeoutMs: 5 });
  // @ts-expect-error -- nor an ordinary function
  run(async () => 1);
  // @ts-expect-error -- nor for a task
  createTask(Promise.resolve(1));
  const byId: 'by id' = run(api.find(1));
  const named: 'by name' = run<'by name'>(api.find('a'));
  return [comment, byId, named];
}

/** A coroutine of what is not known yet is run all the same. */
export function generic<T>(one: Coroutine<T>, list: Coroutine<T[]>): T[] {
  return [run(one), ...run(list)];
}

export function gathering(): void {
  const pair = gather(api.fetchComment(1), api.add(1));
  type Pair = Expect<Equal<typeof pair, [Comment, number]>>;
  const list = gather([1, 2].map((id) => api.fetchComment(id)));
  type List = Expect<Equal<typeof list, Comment[]>>;
  const found = gather(api.find(1), api.find('a'));
  type Found = Expect<Equal<typeof found, ['by id', 'by name']>>;
  const mixed = gather([api.add(1), api.find('a')], { returnExceptions: true });
  type Mixed = Expect<Equal<typeof mixed, [number | Error, 'by name' | Error]>>;
  const none = gather();
  type None = Expect<Equal<typeof none, []>>;
  // @ts-expect-error -- members are coroutines
  gather(api.add(1), 2);
  void (0 as unknown as [Pair, List, Found, Mixed, None]);
}

export async function tasks(): Promise<void> {
  const task = createTask(api.fetchComment(1));
  const awaited = await task;
  type Tasks = [
    Expect<Equal<typeof task, Task<Comment>>>,
    Expect<Equal<typeof awaited, Comment>>,
    Expect<Equal<ReturnType<typeof task.result>, Comment>>,
  ];
  const { task: server, value } = start<string, number>(api.users.find(1));
  const port: number = value;
  const outcome: Task<string> = server;
  void (0 as unknown as [Tasks, typeof port, typeof outcome]);
}

export function streams(): void {
  for (const item of iterate(api.rows('select'))) {
    type Row = Expect<Equal<typeof item, { row: number }>>;
    void (0 as unknown as Row);
  }
  const iterator = iterate(api.rows('select'), { highWaterMark: 1 });
  const step = iterator.next();
  if (step.done === true) {
    type End = Expect<Equal<typeof step.value, 'end'>>;
    void (0 as unknown as End);
  }
  // @ts-expect-error -- a number cannot be iterated
  iterate(api.add(1));
}

export function callbacks(): void {
  // A callback may return its value directly; the loop side sees a promise of it.
  run(api.watch((percent) => percent > 50, { onEnd: () => undefined }));
  run(api.watch(async (percent: number) => percent > 50));
  // @ts-expect-error -- its result is checked
  run(api.watch(() => 'no'));
  // @ts-expect-error -- and so are its parameters
  run(api.watch((percent: string) => percent === ''));
}

export function handles(): void {
  const client = run(new api.Client('redis://localhost'));
  const value = run(client.get('key'));
  const timeout = run(get(client, 'timeout'));
  type Handles = [
    Expect<Equal<typeof client, Handle<module.Client>>>,
    Expect<Equal<typeof value, string | null>>,
    Expect<Equal<typeof timeout, number>>,
  ];
  // A handle stands for its object among the arguments.
  const used: boolean = run(api.use(client));
  // @ts-expect-error -- there is no such property
  get(client, 'nothing');
  // @ts-expect-error -- a class is not called without new
  api.Client('redis://localhost');
  void (0 as unknown as [Handles, typeof used]);
}

export function inPlace(): void {
  const total = coroutine(async (urls: string[], factor = 1) => urls.length * factor);
  type Total = Expect<Equal<typeof total, (urls: string[], factor?: number) => Coroutine<number>>>;
  const plain = sync(total);
  const sum: number = plain(['a']);
  const comments = sync(api);
  const comment: Comment = comments.fetchComment(1);
  void (0 as unknown as [Total, typeof sum, typeof comment]);
}

export function runners(): void {
  const runner = new EventLoopThreadRunner({ name: 'db', timeout: 1_000 });
  const [a, b]: [number, 'main'] = runner.gather(api.add(1), api.default());
  const info: readonly { name: string; ageMs: number }[] = runner.getLoop().tasks();
  // @ts-expect-error -- an unknown option
  void new EventLoopThreadRunner({ nmae: 'db' });
  runner.close({ drain: 2_000 });
  void [a, b, info];
}

export function errors(error: TimeoutError | LoopThreadError): number | undefined {
  // The code and the name tell one class from the other.
  if (error.name === 'LoopThreadError') return error.exitCode;
  if (error.code === 'ERR_PALITRA_TIMEOUT') {
    type Timeout = [
      Expect<Equal<typeof error.code, 'ERR_PALITRA_TIMEOUT'>>,
      Expect<Equal<typeof error.name, 'TimeoutError'>>,
    ];
    void (0 as unknown as Timeout);
  }
  return undefined;
}
