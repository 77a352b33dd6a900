import './peers.ts';
import { checkOptions } from '../check-options.ts';
import { callOf, Coroutine } from '../coroutine.ts';
import { checkDuration, type CloseOptions, type RunOptions } from '../options.ts';
import { EventLoopThreadRunner } from '../runner.ts';
import type { Task } from '../task.ts';
import type { Mistake, Outcome, Results, ResultsOrErrors } from '../types.ts';
import type { ModuleTarget } from '../wire/messages.ts';
import type { ClientConfig } from './connected-queue.ts';
import { checkConnection } from './connection.ts';
import { writeCall } from './envelope.ts';
import { checkJob, type JobOptions } from './job-options.ts';
import { ModuleNames } from './names.ts';
import {
  checkPrefix,
  checkQueueName,
  checkSizeLimit,
  DEFAULT_CONNECT_MS,
  QUEUE_GATHER_OPTIONS,
  QUEUE_RUN_OPTIONS,
  QUEUE_RUNNER_OPTIONS,
  type QueueGatherOptions,
  type QueueRunnerOptions,
  type QueueRunOptions,
} from './options.ts';
import { checkPlainData } from './plain-data.ts';
import { readOutcome } from './remote-outcome.ts';
import type { QueueStats } from './statistics.ts';
import type { JobRequest } from './waiting-job.ts';

/** Completed jobs for an hour, so that dashboards have something to show; failed ones for a week. */
const DEFAULT_JOB: JobOptions = {
  removeOnComplete: { age: 3_600, count: 10_000 },
  removeOnFail: { age: 7 * 24 * 3_600 },
};

interface JobOfCall {
  readonly job: JobOptions;
  readonly onProgress: QueueRunOptions['onProgress'];
}

/** What runs on the runner's own loop thread, where the connections to Redis live. */
const loopUrl = new URL('./queue-loop.js', import.meta.url).href;

/**
 * Runs coroutines on the workers of a BullMQ queue, on any number of machines (see `serve()`), and blocks
 * for their results as `EventLoopThreadRunner` does for those of its thread. The connections to Redis live
 * on a loop thread of the runner's own, which starts with the first call.
 *
 * A coroutine is executed *at least once*: when its worker dies, another one runs it again.
 *
 * @throws {TypeError | RangeError} for options that it does not know, or with values they cannot have.
 *
 * @example
 * ```js
 * import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
 *
 * const tasks = remoteCoroutines('tasks');
 * const runner = new QueueRunner({ queue: 'palitra', connection: { host: 'localhost', port: 6379 } });
 * console.log(String(tasks.resize(7)), runner.isAlive); // coroutine tasks#resize false
 * runner.close(); // … after runner.run(tasks.resize(7)), where Redis and a worker are
 * ```
 */
export class QueueRunner implements Disposable, AsyncDisposable {
  readonly #runner: EventLoopThreadRunner;
  readonly #names: ModuleNames;
  readonly #job: JobOptions;
  readonly #sizeLimit: number;
  readonly #config: ClientConfig;
  readonly #whenLate: string;
  /** One for each function, so that the loop thread is told its name once. */
  readonly #targets = new Map<string, ModuleTarget>();

  constructor(options: QueueRunnerOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError("new QueueRunner() takes options, such as { queue: 'palitra' }.");
    }
    checkOptions(options, QUEUE_RUNNER_OPTIONS, 'new QueueRunner()', "{ queue: 'palitra' }");
    const queue = checkQueueName(options.queue);
    this.#names = new ModuleNames(options.modules);
    this.#sizeLimit = checkSizeLimit(options.sizeLimit);
    this.#job = { ...DEFAULT_JOB, ...checkJob(options.job) };
    const connection = checkConnection(options.connection);
    checkPlainData(connection, 'connection');
    const connectTimeout = options.connectTimeout ?? DEFAULT_CONNECT_MS;
    this.#config = {
      queue,
      connection,
      prefix: checkPrefix(options.prefix),
      connectTimeoutMs: checkDuration(connectTimeout, 'connectTimeout'),
    };
    this.#whenLate =
      `No worker of the queue "${queue}" has finished it: stats() tells how many there are, and how many jobs wait. ` +
      'A job that has not started is taken back; the signal of a coroutine that has is aborted.';
    const { timeout, shutdownTimeout } = options;
    this.#runner = new EventLoopThreadRunner({
      name: `queue ${queue}`,
      ...(timeout === undefined ? {} : { timeout }),
      ...(shutdownTimeout === undefined ? {} : { shutdownTimeout }),
      // What a job waits for is on another machine.
      neverSettled: 'wait',
    });
  }

  /**
   * Blocks until a worker has run the coroutine; returns its result, or throws what it threw.
   *
   * @throws {TypeError} when it is no coroutine, or of no registered module, or for an option that is not known.
   * @throws {UncloneableError} when an argument or the result cannot travel to another machine.
   * @throws {JobTooLargeError} when the arguments or the result are too large.
   * @throws {TimeoutError} when `timeout` is over. A job that has not started is then removed, and the
   * signal of a coroutine that has is aborted.
   * @throws {QueueConnectionError} when Redis cannot be reached for `connectTimeout`.
   * @throws {JobFailedError} when the job ends without an outcome: it stalled too often, or was removed.
   * @throws {RunnerClosedError} after `close()`.
   */
  run<T, Value = never>(
    coroutine: Coroutine<T> | Mistake<Value, 'run'>,
    options: QueueRunOptions = {},
  ): Outcome<T, Value> {
    const remote = this.#remote(
      coroutine as Coroutine<Outcome<T, Value>>,
      'run',
      this.#jobOf(options),
    );
    return this.#runner.run(remote, forLoop(options));
  }

  /**
   * Runs coroutines concurrently, as jobs that are added together, and blocks until all have ended; returns
   * their results in order. As `gather()`, it throws the first failure in time, unless `returnExceptions`
   * is set; the others are then removed or aborted. `timeout` covers the whole group.
   *
   * @throws as {@link run}.
   */
  gather<const C extends readonly Coroutine<unknown>[]>(...coroutines: C): Results<C>;
  gather<const C extends readonly Coroutine<unknown>[]>(
    coroutines: C,
    options: QueueGatherOptions & { readonly returnExceptions: true },
  ): ResultsOrErrors<C>;
  gather<const C extends readonly Coroutine<unknown>[]>(
    coroutines: C,
    options?: QueueGatherOptions,
  ): Results<C>;
  gather(...args: readonly unknown[]): unknown[] {
    const isList = Array.isArray(args[0]);
    const coroutines = (isList ? args[0] : args) as readonly Coroutine<unknown>[];
    const options = (isList && args[1] !== undefined ? args[1] : {}) as QueueGatherOptions;
    const job = this.#jobOf(options, QUEUE_GATHER_OPTIONS);
    // Not by `map`, which would leave out the holes of a sparse array.
    const remote = Array.from(coroutines, (coroutine) => this.#remote(coroutine, 'gather', job));
    return this.#runner.gather(remote, forLoop(options));
  }

  /**
   * Adds a job without waiting for it. The task can be awaited, cancelled, or waited for with `result()`.
   *
   * @throws as {@link run}, for what can be known at once.
   */
  createTask<T, Value = never>(
    coroutine: Coroutine<T> | Mistake<Value, 'createTask'>,
    options: QueueRunOptions = {},
  ): Task<Outcome<T, Value>> {
    const remote = this.#remote(
      coroutine as Coroutine<Outcome<T, Value>>,
      'createTask',
      this.#jobOf(options),
    );
    return this.#runner.createTask(remote, forLoop(options));
  }

  /**
   * Blocks for the depth of the queue, and the counts and latencies of this runner.
   *
   * @throws {QueueConnectionError} when Redis cannot be reached.
   */
  stats(options: RunOptions = {}): QueueStats {
    const target = this.#target('stats', 'stats');
    return this.#runner.run(
      new Coroutine<QueueStats>({ target, args: [this.#config], isConstruction: false }),
      options,
    );
  }

  /** Is there a loop thread, and alive? It starts with the first call. */
  get isAlive(): boolean {
    return this.#runner.isAlive;
  }

  /**
   * Ends the connections and the loop thread. Calls in flight fail with `CancelledError`: their jobs are
   * removed, or aborted if they have started. Closing again does nothing.
   */
  close(options?: CloseOptions): void {
    this.#runner.close(options);
  }

  /** As `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `close()`, but this thread is not blocked meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner[Symbol.asyncDispose]();
  }

  /** What the options of a call say about its job. */
  #jobOf(options: QueueRunOptions, known: readonly string[] = QUEUE_RUN_OPTIONS): JobOfCall {
    checkOptions(options, known, 'a call', '{ timeout: 2_000 }');
    const { onProgress } = options;
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw new TypeError('onProgress is a function, such as (progress) => console.log(progress).');
    }
    const job = checkJob(options.job);
    return { job: job === undefined ? this.#job : { ...this.#job, ...job }, onProgress };
  }

  /** The call of the loop thread's code that adds the job and waits for it. */
  #remote<T>(
    coroutine: Coroutine<T>,
    caller: string,
    { job, onProgress }: JobOfCall,
  ): Coroutine<T> {
    const call = callOf(coroutine, caller);
    const name = this.#names.nameOf(call);
    const request: JobRequest = { name, call: writeCall(name, call.args, this.#sizeLimit), job };
    return new Coroutine({
      target: this.#target('execute', name),
      args: [this.#config, request, onProgress],
      isConstruction: false,
      receive: (outcome) => readOutcome(outcome, name),
      whenLate: this.#whenLate,
    });
  }

  #target(exported: string, label: string): ModuleTarget {
    let target = this.#targets.get(label);
    if (target === undefined) {
      target = { kind: 'module', url: loopUrl, path: [exported], label, importer: '' };
      this.#targets.set(label, target);
    }
    return target;
  }
}

/** What the runner of the loop thread is to know of the options of a call. */
function forLoop<O extends QueueRunOptions>(options: O): Omit<O, 'job' | 'onProgress'> {
  const { job: _, onProgress: __, ...rest } = options;
  return rest;
}
