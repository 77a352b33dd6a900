/** Compiled, never run: the types of `palitra/bullmq`. */
import type { Coroutine, Coroutines, coroutines, Task } from 'palitra';
import {
  getJob,
  QueueRunner,
  type remoteCoroutines,
  serve,
  type QueueServer,
} from 'palitra/bullmq';
import type { Equal, Expect } from './expect.ts';
import type * as module from './module.ts';

type Remote = ReturnType<typeof remoteCoroutines<typeof module>>;
type Comment = { id: number; text: string };
declare const tasks: Remote;
declare const runner: QueueRunner;

export type Names = [
  Expect<Equal<Remote, Coroutines<typeof module>>>,
  Expect<Equal<Remote, ReturnType<typeof coroutines<typeof module>>>>,
  Expect<Equal<ReturnType<Remote['fetchComment']>, Coroutine<Comment>>>,
  Expect<Equal<Parameters<Remote['add']>, [a: number, b?: number | undefined]>>,
];

export function running(): unknown[] {
  const comment: Comment = runner.run(tasks.fetchComment(1), {
    timeout: 1_000,
    job: { attempts: 3, backoff: { type: 'exponential', delay: 10 }, priority: 2, jobId: 'a' },
    onProgress: (progress, { jobId, name }) => [progress, jobId.length, name.length],
  });
  // @ts-expect-error -- the arguments are checked
  tasks.fetchComment('1');
  // @ts-expect-error -- a promise is not a coroutine
  runner.run(Promise.resolve(1));
  // @ts-expect-error -- an option that BullMQ does not have
  runner.run(tasks.fetchComment(1), { job: { attemps: 3 } });
  // @ts-expect-error -- what a progress holds is not known
  runner.run(tasks.fetchComment(1), { onProgress: (progress) => progress.step });
  // @ts-expect-error -- there are no streams from a queue
  runner.iterate(tasks.fetchComment(1));
  // @ts-expect-error -- nor servers
  runner.start(tasks.fetchComment(1));
  return [comment];
}

export async function gathering(): Promise<void> {
  const pair = runner.gather(tasks.fetchComment(1), tasks.add(1));
  type Pair = Expect<Equal<typeof pair, [Comment, number]>>;
  const mixed = runner.gather([tasks.add(1)], { returnExceptions: true, timeout: 5 });
  type Mixed = Expect<Equal<typeof mixed, [number | Error]>>;
  const task = runner.createTask(tasks.add(1));
  type OfTask = Expect<Equal<typeof task, Task<number>>>;
  const value = await task;
  type Value = Expect<Equal<typeof value, number>>;
  const { depth, workers, roundTrip } = runner.stats();
  const numbers: number[] = [depth.waiting, depth.failed, workers, roundTrip.p50, roundTrip.p99];
  using _one: QueueRunner = runner;
  await using _two: QueueRunner = runner;
  void (numbers as unknown as [Pair, Mixed, OfTask, Value]);
}

export async function serving(): Promise<QueueServer> {
  // @ts-expect-error -- modules are needed
  await serve({ queue: 'q' });
  // @ts-expect-error -- set by serve() itself
  await serve({ queue: 'q', modules: {}, worker: { concurrency: 3 } });
  // @ts-expect-error -- an address is a text or an object
  using _three = new QueueRunner({ queue: 'q', connection: 7 });
  await getJob()?.updateProgress({ step: 1 });
  const attempt: number | undefined = getJob()?.attempt;
  return serve({
    queue: `q${attempt}`,
    modules: { tasks: () => import('./module.ts'), other: new URL('file:///other.js') },
    concurrency: 8,
    worker: { lockDuration: 30_000, limiter: { max: 1, duration: 10 } },
  });
}
