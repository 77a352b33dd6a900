import type { Coroutine } from './coroutine.ts';
import type { RunOptions } from './options.ts';
import type { Task } from './task.ts';

/** What an {@link EventLoop} asks its runner. */
export interface EventLoopSource {
  createTask<T>(coroutine: Coroutine<T>, options?: RunOptions): Task<T>;
  threadId(): number;
  isRunning(): boolean;
  isClosed(): boolean;
  time(): number;
  tasks(): TaskInfo[];
  stats(): LoopStats;
}

/**
 * A coroutine in flight, as `tasks()` of an {@link EventLoop} shows it.
 *
 * @example
 * ```js
 * import { coroutines, createTask, EventLoopThreadRunner } from 'palitra';
 *
 * const timers = coroutines('node:timers/promises');
 * const runner = new EventLoopThreadRunner();
 * const task = runner.createTask(timers.setTimeout(60_000));
 * const [{ name, ageMs }] = runner.getLoop().tasks();
 * console.log(name, ageMs < 60_000); // node:timers/promises#setTimeout true
 * runner.close();
 * ```
 */
export interface TaskInfo {
  /** The file and the function, such as `comments.js#fetchComment`. */
  readonly name: string;
  /** In milliseconds, since it was sent. */
  readonly ageMs: number;
  /**
   * The line that made the task or the iteration, such as `main (file:///app/main.js:3:5)`; undefined for
   * a call that a thread is blocked for, in whose stack it stands.
   */
  readonly createdAt: string | undefined;
}

/**
 * What a runner has done so far: counts, and how long its calls take.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner();
 * const nothing = coroutine(async () => {});
 * for (let n = 0; n < 100; n++) runner.run(nothing());
 * const { calls, roundTrip } = runner.getLoop().stats();
 * console.log(calls, roundTrip.p50 > 0); // 100 true
 * runner.close();
 * ```
 */
export interface LoopStats {
  /** Coroutines that were sent, from the first one on. */
  readonly calls: number;
  /** Coroutines that were sent and have neither ended nor been given up (by a timeout, a signal, `cancel()`). */
  readonly inFlight: number;
  /** Callbacks that were executed on this thread. */
  readonly callbacks: number;
  /** Loop threads that were started in the place of another one, which had died or stopped responding. */
  readonly restarts: number;
  /**
   * The share of its time, since it was started, in which the loop thread was not waiting for something to
   * happen: from 0 to 1. Looking for the next call counts as work. The thread is asked for it, and has
   * 50 ms to answer. Bun and Deno cannot tell: always 0.
   */
  readonly utilization: number;
  /**
   * In microseconds, from sending a coroutine with `run` to having its outcome: median and 99th percentile
   * of the last 512 that were timed, which are the first sixteen and one in sixteen of the others. 0 before
   * there are any.
   */
  readonly roundTrip: { readonly p50: number; readonly p99: number };
}

/**
 * The event loop of a runner's thread, as `runner.getLoop()` returns it. It stays the same object when
 * the thread has to be replaced.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner();
 * const loop = runner.getLoop();
 * const task = loop.createTask(coroutine(async () => 'done')());
 * console.log(loop.isRunning, task.result()); // true done
 * runner.close();
 * console.log(loop.isClosed); // true
 * ```
 */
export class EventLoop {
  readonly #source: EventLoopSource;

  /** @internal Event loops are had from `runner.getLoop()`. */
  constructor(source: EventLoopSource) {
    this.#source = source;
  }

  /** As `createTask` of the runner. */
  createTask<T>(coroutine: Coroutine<T>, options?: RunOptions): Task<T> {
    return this.#source.createTask(coroutine, options);
  }

  /** Milliseconds since the loop thread was started, on a clock that only goes forward. */
  time(): number {
    return this.#source.time();
  }

  /**
   * What runs now, oldest first: the coroutines that were sent from this thread, that have not ended, and
   * that have not been given up. Called in a callback, or from async code, since a blocked thread cannot ask.
   */
  tasks(): TaskInfo[] {
    return this.#source.tasks();
  }

  /**
   * Counts and times of this runner, over all loop threads that it has had. A runner that is connected to
   * the loop thread of another one counts its own calls only.
   *
   * @example
   * ```js
   * import { coroutine, EventLoopThreadRunner } from 'palitra';
   *
   * const double = coroutine(async (n) => 2 * n);
   * const runner = new EventLoopThreadRunner();
   * runner.gather(double(1), double(2));
   * const { calls, inFlight } = runner.getLoop().stats();
   * console.log(calls, inFlight); // 2 0
   * runner.close();
   * ```
   */
  stats(): LoopStats {
    return this.#source.stats();
  }

  /** The number of the thread, as `threadId` of `node:worker_threads` shows it on that thread. */
  get threadId(): number {
    return this.#source.threadId();
  }

  /** Is the thread alive? */
  get isRunning(): boolean {
    return this.#source.isRunning();
  }

  /** Has the runner been closed? */
  get isClosed(): boolean {
    return this.#source.isClosed();
  }
}
