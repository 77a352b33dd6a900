import type { Connection } from './caller/connection.ts';
import { abandon, startCall, timeoutError, waitForTask, type Limits } from './caller/execute.ts';
import type { RemoteLoop } from './caller/remote-loop.ts';
import type { PendingCall } from './caller/pending-call.ts';
import { thread } from './caller/thread.ts';
import { goal } from './caller/wait-until.ts';
import { captureStack } from './runtime/capture-stack.ts';
import { joinStacks } from './caller/stack.ts';
import type { Call } from './coroutine.ts';
import { CancelledError, DeadlockError, isPalitraError, TimeoutError } from './errors.ts';
import { checkOptions } from './check-options.ts';
import { checkCanEnd, checkDuration } from './options.ts';
import { NativePromise } from './wire/natives.ts';
import { startTimer } from './wire/timer.ts';
import { clearTimeout, nowMs } from './wire/clock.ts';

/**
 * A coroutine that is running on the loop thread. It can be awaited, or waited for with
 * {@link Task.result}. As long as somebody awaits it, it keeps the process alive; otherwise it does not.
 *
 * A task that fails and that nobody has looked at is reported as an unhandled rejection. One that was
 * cancelled, or lost with its loop thread or by `close()`, is not.
 *
 * @example
 * ```js
 * import { coroutine, createTask } from 'palitra';
 *
 * const double = coroutine(async (n) => 2 * n);
 * const task = createTask(double(21));
 * console.log(task.result(), await task, task.done); // 42 42 true
 * ```
 */
export class Task<T> implements PromiseLike<T> {
  readonly #loop: RemoteLoop;
  readonly #call: PendingCall;
  readonly #promise: Promise<T>;
  #deadline: number;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  #isCancelled = false;
  /** Did its `signal` end it? Whoever aborted that knows. */
  #wasAborted = false;
  #wasLookedAt = false;
  #holds = 0;
  #stopTimeout: (() => void) | undefined;

  /** @internal Tasks are made by `createTask()`. */
  constructor(
    loop: RemoteLoop,
    call: Call,
    { timeoutMs, deadline, signal }: Limits,
    holder: object,
  ) {
    signal?.throwIfAborted();
    this.#loop = loop;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#deadline = deadline;
    const pending = startCall(loop, call);
    pending.holder = holder;
    pending.isBounded = timeoutMs !== Infinity || signal !== undefined;
    this.#call = pending;
    // Where the task was created is where the frames of its caller begin.
    const origin = {} as { stack: string };
    captureStack(origin, Task);
    pending.origin = origin;
    this.#promise = new NativePromise((resolve, reject) => {
      pending.observer = () => this.#settle(resolve, reject, origin);
    });
    if (timeoutMs !== Infinity) {
      const timer = startTimer(() => this.#expire(), deadline - nowMs()).unref();
      this.#stopTimeout = () => clearTimeout(timer);
    }
    if (signal !== undefined) {
      pending.listenTo(signal, (reason) => {
        this.#wasAborted = true;
        this.#end(reason);
      });
    }
  }

  /** Has it ended, in whichever way? */
  get done(): boolean {
    this.#connection.drain();
    // A program that only asks again and again hears nothing of a loop thread that has ended without notice.
    if (!this.#call.isSettled) this.#connection.checkLifeIfDue();
    return this.#call.isSettled;
  }

  /** Was it ended by {@link cancel}, or by the end of its runner? */
  get cancelled(): boolean {
    return this.#isCancelled || (this.done && this.#call.value instanceof CancelledError);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is what a task is for
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#wasLookedAt = true;
    if (!this.#call.isSettled) {
      this.#holds += 1;
      this.#call.isAwaited = true;
      this.#connection.hold();
    }
    return this.#promise.then(onFulfilled, onRejected);
  }

  /** As of a promise. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  /** As of a promise. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then((value) => value).finally(onFinally);
  }

  /**
   * Blocks until the task has ended, and returns its result or throws its error. `timeout`, in
   * milliseconds, only ends the waiting: the task goes on.
   *
   * @throws {TimeoutError} when the time is up first.
   * @throws {DeadlockError} in a callback of this very task, which waits for the callback to return.
   * @throws {TypeError} when only the timer of an `AbortSignal.timeout()` would end it, which cannot fire
   *   while this thread is blocked.
   */
  result(options?: { readonly timeout?: number | undefined }): T {
    if (options !== undefined) checkOptions(options, ['timeout'], 'result()', '{ timeout: 2_000 }');
    const timeoutMs = checkDuration(options?.timeout, 'timeout');
    const waitDeadline = nowMs() + timeoutMs;
    const call = this.#call;
    this.#wasLookedAt = true;
    if (!call.isSettled && thread.isInside(call)) {
      throw new DeadlockError(
        `Neither could ever go on: this code runs in a callback of the task ${call.label}, and was to block for its result. Let the callback return first.`,
      );
    }
    if (!call.isSettled && !this.#block(Math.min(waitDeadline, this.#deadline))) {
      if (this.#deadline > waitDeadline) {
        throw new TimeoutError(
          `The task ${call.label} had not ended after ${timeoutMs} ms of waiting. It goes on; ask again later, or cancel() it.`,
        );
      }
      this.#expire();
    }
    if (!call.isRejected) return call.value as T;
    this.#promise.catch(() => undefined);
    throw call.value;
  }

  /**
   * Ends the task with a `CancelledError`, or with `reason`, and aborts the coroutine's signal. False
   * when it had ended already.
   */
  cancel(reason?: unknown): boolean {
    if (this.done) return false;
    this.#isCancelled = true;
    this.#end(
      reason ?? new CancelledError(`The task ${this.#call.label} was cancelled by its cancel().`),
    );
    return true;
  }

  /** @internal Blocks until the coroutine has called `started(value)`, and returns the value. */
  untilStarted(): unknown {
    const call = this.#call;
    let signalled: { readonly value: unknown } | undefined;
    call.onStarted = (value) => {
      signalled ??= { value };
    };
    const isReady = (): boolean => signalled !== undefined || call.isSettled;
    if (!this.#block(this.#deadline, isReady, () => call.cutOff())) this.#expire('was not ready');
    call.onStarted = undefined;
    if (signalled !== undefined) {
      // It was for becoming ready; a server that is, goes on for as long as it likes.
      this.#stopTimeout?.();
      this.#deadline = Infinity;
      call.isBounded = this.#signal !== undefined;
      return signalled.value;
    }
    this.#promise.catch(() => undefined);
    if (call.isRejected) throw call.value;
    throw new Error(
      `${call.label} ended without calling started(): call started(value), from palitra/loop, when it is ready, or use run() for a coroutine that just ends.`,
    );
  }

  get [Symbol.toStringTag](): string {
    return 'Task';
  }

  get #connection(): Connection {
    return this.#loop.connection;
  }

  /** Where the wait is cut off, the task goes on, unless it is told otherwise. */
  #block(
    deadline: number,
    isSettled = (): boolean => this.#call.isSettled,
    cutOff = (): void => undefined,
  ): boolean {
    checkCanEnd(deadline, this.#signal);
    const call = this.#call;
    const { connection } = call;
    const end = goal(isSettled, { connection, waitsFor: (other) => other === call, cutOff });
    return waitForTask(call, end, deadline, this.#signal === undefined ? 1 : 0);
  }

  #expire(late = 'had not ended'): void {
    const call = this.#call;
    // A reply that was there in time counts, however late this thread gets round to looking.
    call.connection.lookLate(() => call.isSettled);
    if (call.isSettled) return;
    const what = `The task ${call.label} ${late}`;
    this.#end(timeoutError(this.#loop, call, what, this.#timeoutMs, this.#deadline));
  }

  #end(reason: unknown): void {
    abandon(this.#loop, this.#call, reason);
  }

  #settle(
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
    origin: { readonly stack: string },
  ): void {
    this.#stopTimeout?.();
    this.#stopTimeout = undefined;
    for (; this.#holds > 0; this.#holds--) this.#connection.release();
    const { isRejected, value } = this.#call;
    if (!isRejected) {
      resolve(value as T);
      return;
    }
    // The platform may ask the program's `Error.prepareStackTrace`.
    thread.runUserCode(() => joinStacks(value, origin));
    reject(value);
    if (this.#wasLookedAt || this.#isCancelled || this.#wasAborted || isLost(value)) {
      this.#promise.catch(() => undefined);
    }
  }
}

/**
 * What `start()` returns, once the coroutine has called `started()`.
 *
 * @example
 * ```js
 * import { coroutine, start } from 'palitra';
 *
 * const listen = coroutine(async () => {
 *   const { started } = await import('palitra/loop');
 *   const { createServer } = await import('node:http');
 *   const server = createServer((_, response) => response.end('hello'));
 *   server.listen(0, () => started(server.address().port));
 *   await new Promise((resolve) => server.once('close', resolve));
 * });
 * const { task, value: port } = start(listen());
 * console.log(port > 0, task.done); // true false
 * ```
 */
export interface Started<T, V = unknown> {
  /** The coroutine, which goes on running. */
  readonly task: Task<T>;
  /** What it gave to `started()`. */
  readonly value: V;
}

/** Ended by the end of its runner or loop thread, not by an error of its own. */
function isLost(error: unknown): boolean {
  return (
    isPalitraError(error) &&
    (error.code === 'ERR_PALITRA_CANCELLED' || error.code === 'ERR_PALITRA_LOOP_DIED')
  );
}
