import { ConnectedLoops } from './caller/connected-loops.ts';
import { deadlineOf, runCall, type Limits, type Mark } from './caller/execute.ts';
import { gatherCalls, type GroupRules } from './caller/group.ts';
import type { CallOutcome } from './caller/pending-call.ts';
import type { LoopSource } from './caller/loop-source.ts';
import { OwnedLoops } from './caller/owned-loops.ts';
import type { RemoteLoop } from './caller/remote-loop.ts';
import { creationLine } from './caller/stack.ts';
import { Statistics } from './caller/statistics.ts';
import { Stream } from './caller/stream.ts';
import { callOf, type Call, type Coroutine } from './coroutine.ts';
import { EventLoop, type LoopStats, type TaskInfo } from './event-loop.ts';
import { checkOptions } from './check-options.ts';
import {
  checkCanEnd,
  checkConcurrency,
  checkDuration,
  checkHighWaterMark,
  checkRunnerOptions,
  checkSignal,
  deadlineOption,
  GATHER_OPTIONS,
  GATHER_SETTLED_OPTIONS,
  ITERATE_OPTIONS,
  RUN_OPTIONS,
  type CloseOptions,
  type GatherOptions,
  type GatherSettledOptions,
  type IterateOptions,
  type RunnerOptions,
  type RunOptions,
  type SyncOptions,
} from './options.ts';
import { makeSync } from './sync-functions.ts';
import { StreamIterator } from './stream-iterator.ts';
import { Task, type Started } from './task.ts';
import { checkToken, type RunnerToken } from './token.ts';
import { isTraced, traceRun, type RunEvent } from './tracing.ts';
import type {
  Coroutines,
  Mistake,
  Outcome,
  Results,
  ResultsOrErrors,
  SettledResults,
  StreamItem,
  StreamReturn,
  StreamSource,
  Sync,
  SyncModule,
} from './types.ts';
import { nowMs } from './wire/clock.ts';

/** Ends the loop thread of a runner that was forgotten without `close()`, unless others may use it. */
const forgotten = new FinalizationRegistry<LoopSource>((source) => {
  if (!source.isShared) void source.closeSoon();
});

/**
 * An event loop in a background thread, for synchronous code to run coroutines on. The thread starts
 * with the first call, lives until `close()`, and never keeps the process alive by itself. If it dies,
 * the next call starts a new one.
 *
 * Most programs need none of their own: `run`, `gather` and `createTask` use a global one.
 *
 * @throws {TypeError | RangeError} for options with values they cannot have.
 *
 * @example
 * ```js
 * import { EventLoopThreadRunner, coroutine } from 'palitra';
 *
 * const greet = coroutine(async (name) => `Hello, ${name}`);
 * const runner = new EventLoopThreadRunner({ name: 'greeter' });
 * console.log(runner.run(greet('Ada'))); // Hello, Ada
 * runner.close();
 * ```
 */
export class EventLoopThreadRunner implements Disposable, AsyncDisposable {
  readonly #eventLoop: EventLoop;
  readonly #statistics = new Statistics();
  /** For what comes out of it and needs it to live on: handles, and iterators. */
  readonly #self = new WeakRef(this);
  #source: LoopSource;
  /** Once: a second loop thread that dies so soon is told of. */
  readonly #again = (call: Call, limits: Limits): unknown =>
    runCall(this.#use(limits), call, limits, this.run);

  constructor(options: RunnerOptions = {}) {
    checkRunnerOptions(options, 'new EventLoopThreadRunner()');
    this.#source = new OwnedLoops({ ...options }, this.#statistics);
    forgotten.register(this, this.#source, this);
    this.#eventLoop = new EventLoop({
      createTask: (coroutine, taskOptions) => this.createTask(coroutine, taskOptions),
      threadId: () => this.#use().threadId,
      isRunning: () => this.isAlive,
      isClosed: () => this.#source.isClosed,
      tasks: () => this.#tasks(),
      stats: () => this.#stats(),
      time: () => nowMs() - this.#use().startedAt,
    });
  }

  /**
   * A runner that uses the loop thread of another thread's runner: the same modules, connections and
   * state, over a channel of its own. `close()` ends this thread's part only, and the loop thread is there
   * for as long as its owner's thread and runner are.
   *
   * ArrayBuffers given to `transfer()` are copied, and detached here as if they had been moved; ports and
   * streams cannot be moved by such a runner.
   *
   * @throws {TypeError} when it is not what `share()` returned.
   *
   * @example
   * ```js
   * import { coroutine, EventLoopThreadRunner } from 'palitra';
   * import { isMainThread, Worker, workerData } from 'node:worker_threads';
   *
   * const next = coroutine(async () => (globalThis.n = (globalThis.n ?? 0) + 1));
   * if (isMainThread) {
   *   const owner = new EventLoopThreadRunner({ name: 'counter' });
   *   console.log(owner.run(next())); // 1
   *   new Worker(new URL(import.meta.url), { workerData: owner.share() });
   * } else {
   *   const runner = EventLoopThreadRunner.connect(workerData);
   *   console.log(runner.run(next())); // 2
   * }
   * ```
   */
  static connect(token: RunnerToken): EventLoopThreadRunner {
    checkToken(token);
    const runner = new EventLoopThreadRunner();
    forgotten.unregister(runner);
    runner.#source = new ConnectedLoops(token, runner.#statistics);
    forgotten.register(runner, runner.#source, runner);
    return runner;
  }

  /**
   * Blocks until the coroutine has ended on the loop thread; returns its result, or throws what it threw.
   *
   * @throws {TypeError} when it is not a coroutine.
   * @throws {UncloneableError} when an argument or the result cannot be copied.
   * @throws {TimeoutError} when `timeout` is over.
   * @throws {LoopThreadError} when the loop thread dies meanwhile.
   * @throws {LoopStartError} when it cannot be started.
   * @throws {RunnerClosedError} after `close()`.
   */
  run<T, Value = never>(
    coroutine: Coroutine<T> | Mistake<Value, 'run'>,
    options?: RunOptions,
  ): Outcome<T, Value> {
    const call = callOf(coroutine, 'run');
    const limits =
      options === undefined ? this.#defaultLimits() : this.#blockingLimits(options, 'run()');
    const loop = this.#use(limits);
    if (!isTraced()) return runCall(loop, call, limits, this.run, this.#again) as Outcome<T, Value>;
    const event: RunEvent = { operation: 'run', name: call.target.label };
    return traceRun(event, runCall, loop, call, limits, this.run, this.#again) as Outcome<T, Value>;
  }

  /**
   * Runs coroutines concurrently and blocks until all have ended; returns their results in order. As
   * `asyncio.gather`, it throws the first failure in time, unless `returnExceptions` is set; no more are
   * started then, and the others' signals are aborted. `timeout` covers the whole group. With `concurrency`,
   * at most so many are in flight at once.
   *
   * @throws as {@link run}.
   */
  gather<const C extends readonly Coroutine<unknown>[]>(...coroutines: C): Results<C>;
  gather<const C extends readonly Coroutine<unknown>[]>(
    coroutines: C,
    options: GatherOptions & { readonly returnExceptions: true },
  ): ResultsOrErrors<C>;
  gather<const C extends readonly Coroutine<unknown>[]>(
    coroutines: C,
    options?: GatherOptions,
  ): Results<C>;
  gather(...args: readonly unknown[]): unknown[] {
    const isList = Array.isArray(args[0]);
    const coroutines = (isList ? args[0] : args) as readonly unknown[];
    const options = (isList && args[1] !== undefined ? args[1] : {}) as GatherOptions;
    const calls = callsOf(coroutines, 'gather');
    const limits = this.#blockingLimits(options, 'gather()', GATHER_OPTIONS);
    const failsFast = options.returnExceptions !== true;
    const concurrency = checkConcurrency(options.concurrency);
    return this.#gather(calls, limits, { concurrency, failsFast }, readValue, this.gather);
  }

  /**
   * Runs coroutines concurrently and blocks until all have ended; returns what became of each, in order, as
   * `Promise.allSettled` does. See `gatherSettled()`.
   *
   * @throws {TimeoutError} when `timeout` is over before all have ended.
   */
  gatherSettled<const C extends readonly Coroutine<unknown>[]>(
    coroutines: C,
    options: GatherSettledOptions = {},
  ): SettledResults<C> {
    if (!Array.isArray(coroutines)) {
      throw new TypeError(
        'gatherSettled() takes a list of coroutines, and options after it: write gatherSettled([api.load(1), api.load(2)], { timeout: 5_000 }).',
      );
    }
    const calls = callsOf(coroutines, 'gatherSettled');
    const limits = this.#blockingLimits(options, 'gatherSettled()', GATHER_SETTLED_OPTIONS);
    const concurrency = checkConcurrency(options.concurrency);
    const rules = { concurrency, failsFast: false };
    return this.#gather(calls, limits, rules, readSettled, this.gatherSettled) as SettledResults<C>;
  }

  #gather<T>(
    calls: readonly Call[],
    limits: Limits,
    rules: GroupRules,
    read: (outcome: CallOutcome) => T,
    mark: Mark,
  ): T[] {
    const loop = this.#use(limits);
    const gatherAll = (): T[] => gatherCalls(loop, calls, limits, rules, mark).map(read);
    if (!isTraced()) return gatherAll();
    const name = calls.map((call) => call.target.label).join(', ');
    return traceRun({ operation: 'gather', name }, gatherAll);
  }

  /**
   * Starts a coroutine without waiting for it.
   *
   * @throws {TypeError} when it is not a coroutine.
   * @throws {UncloneableError} when an argument cannot be copied.
   * @throws {RunnerClosedError} after `close()`.
   */
  createTask<T, Value = never>(
    coroutine: Coroutine<T> | Mistake<Value, 'createTask'>,
    options: RunOptions = {},
  ): Task<Outcome<T, Value>> {
    const call = callOf(coroutine, 'createTask');
    const limits = this.#limits(options, 'createTask()');
    return new Task(this.#use(limits), call, limits, this);
  }

  /**
   * Starts a coroutine and blocks until it calls `started(value)` of `palitra/loop`. See `start()`.
   *
   * @throws what the coroutine throws before it is ready, or an `Error` when it ends without `started()`.
   */
  start<T, V = unknown>(coroutine: Coroutine<T>, options: RunOptions = {}): Started<T, V> {
    const call = callOf(coroutine, 'start');
    const limits = this.#blockingLimits(options, 'start()');
    const task = new Task<T>(this.#use(limits), call, limits, this);
    return { value: task.untilStarted() as V, task };
  }

  /**
   * Iterates, synchronously, what a coroutine returns. See `iterate()`.
   *
   * @throws what the producer throws, in its place among the items.
   */
  iterate<S extends StreamSource>(
    coroutine: Coroutine<S>,
    options: IterateOptions = {},
  ): StreamIterator<StreamItem<S>, StreamReturn<S>> {
    const call = callOf(coroutine, 'iterate');
    const limits = this.#blockingLimits(options, 'iterate()', ITERATE_OPTIONS);
    const highWaterMark = checkHighWaterMark(options.highWaterMark);
    const deadline = options[deadlineOption];
    return new StreamIterator(
      new Stream(this.#use({ ...limits, signal: undefined }), call, limits, {
        highWaterMark,
        deadline,
      }),
    );
  }

  /**
   * Plain synchronous functions of what `coroutines()` or `coroutine()` returned, which block on this runner.
   * See `sync()`.
   *
   * @throws {TypeError} when it is neither.
   */
  sync<M>(api: Coroutines<M>, options: SyncOptions & { readonly values: true }): SyncModule<M>;
  sync<C extends object>(api: C, options?: SyncOptions): Sync<C>;
  sync(api: object, options: SyncOptions = {}): object {
    return makeSync(api, options, () => this);
  }

  /** The event loop on the runner's thread, which is started if it has not been. */
  getLoop(): EventLoop {
    this.#use();
    return this.#eventLoop;
  }

  /**
   * What another thread of this process needs to use the same loop thread: plain data, to be posted to it
   * or given to it as `workerData`, and passed to `EventLoopThreadRunner.connect()` there. A runner that is
   * shared lives until it is closed or its thread ends, also when nobody holds it any more.
   *
   * Call it once for each thread: as long as there are more tokens than runners made from them, a coroutine
   * that waits for what another thread will bring does not fail with a `NeverSettledError`.
   *
   * @throws {RunnerClosedError} after `close()`.
   */
  share(): RunnerToken {
    return this.#source.share();
  }

  /**
   * Ends the loop thread: coroutines in flight are cancelled and fail with `CancelledError`, functions
   * given to `onShutdown` are awaited, and this thread is blocked meanwhile, for `shutdownTimeout` at the
   * most. Closing again does nothing. A runner that was made by `connect()` only ends this thread's part.
   */
  close(options: CloseOptions = {}): void {
    checkOptions(options, ['drain'], 'close()', '{ drain: 2_000 }');
    const drainMs = options.drain === undefined ? 0 : checkDuration(options.drain, 'drain');
    if (this.#source.isClosed) return this.#source.close();
    if (drainMs > 0) this.#source.current?.connection.untilIdle(nowMs() + drainMs);
    forgotten.unregister(this);
    this.#source.close();
  }

  /** As `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `close()`, but this thread is not blocked while the loop thread cleans up. */
  async [Symbol.asyncDispose](): Promise<void> {
    forgotten.unregister(this);
    await this.#source.closeSoon();
  }

  /** Is there a loop thread, and alive? */
  get isAlive(): boolean {
    const { current } = this.#source;
    current?.connection.checkLife();
    return current?.isRunning ?? false;
  }

  #tasks(): TaskInfo[] {
    // One that has ended and that nobody has looked at since is no news, but it does not run.
    this.#source.current?.connection.drain();
    const now = nowMs();
    return [...(this.#source.current?.connection.calls.values() ?? [])].map((call) => ({
      name: call.label,
      ageMs: now - call.startedAt,
      createdAt: creationLine(call.origin),
    }));
  }

  #stats(): LoopStats {
    this.#source.current?.connection.drain();
    const { calls, callbacks, restarts } = this.#statistics;
    const { current } = this.#source;
    const loop = current?.isRunning === true ? current : undefined;
    return {
      calls,
      inFlight: loop?.connection.calls.size ?? 0,
      callbacks,
      restarts,
      utilization: loop?.utilization ?? 0,
      roundTrip: this.#statistics.roundTrip(),
    };
  }

  #defaultLimits(): Limits {
    const { timeoutMs } = this.#source;
    return { timeoutMs, deadline: deadlineOf(timeoutMs), signal: undefined };
  }

  #limits(options: RunOptions, where: string, known: readonly string[] = RUN_OPTIONS): Limits {
    checkOptions(options, known, where, '{ timeout: 2_000 }');
    const timeoutMs =
      options.timeout === undefined
        ? this.#source.timeoutMs
        : checkDuration(options.timeout, 'timeout');
    return { timeoutMs, deadline: deadlineOf(timeoutMs), signal: checkSignal(options.signal) };
  }

  /** Of a call that blocks this thread. */
  #blockingLimits(options: RunOptions, where: string, known?: readonly string[]): Limits {
    const limits = this.#limits(options, where, known);
    checkCanEnd(limits.timeoutMs, limits.signal);
    return limits;
  }

  /** The loop thread, started, replaced or joined if need be. */
  #use(limits?: Limits): RemoteLoop {
    // Before that blocks: joining a loop thread waits for as long as that computes.
    limits?.signal?.throwIfAborted();
    const loop = this.#source.use(limits?.timeoutMs ?? Infinity);
    loop.connection.holder = this.#self;
    return loop;
  }
}

/** Not by `map`, which would leave out the holes of a sparse array. */
function callsOf(coroutines: readonly unknown[], caller: string): Call[] {
  const calls: Call[] = [];
  for (let index = 0; index < coroutines.length; index++) {
    calls.push(callOf(coroutines[index], caller));
  }
  return calls;
}

function readValue({ value }: CallOutcome): unknown {
  return value;
}

function readSettled({ isRejected, value }: CallOutcome): PromiseSettledResult<unknown> {
  return isRejected ? { status: 'rejected', reason: value } : { status: 'fulfilled', value };
}
