import type { ResourceLimits } from 'node:worker_threads';
import { checkOptions } from './check-options.ts';
import { isTimerSignal } from './runtime/timer-signal.ts';

/** When all items of an iteration have to have come, on the clock of `performance.now()`: for palitra's own use. */
export const deadlineOption: unique symbol = Symbol('deadline');

/**
 * Options of every call: how long to wait, and what may end it earlier.
 *
 * @example
 * ```js
 * import { coroutine, run } from 'palitra';
 *
 * const controller = new AbortController();
 * const work = coroutine(async (onStep) => {
 *   for (let step = 1; ; step++) await onStep(step);
 * });
 * try {
 *   run(work((step) => step === 3 && controller.abort()), { timeout: 5_000, signal: controller.signal });
 * } catch (error) {
 *   console.log(error.name); // AbortError
 * }
 * ```
 */
export interface RunOptions {
  /**
   * In milliseconds: how long to wait for the outcome. It holds even when the loop thread is busy or
   * dead. When it is over, the coroutine's signal aborts and the call throws a `TimeoutError`.
   *
   * @default the runner's `timeout`, which is `Infinity` unless set: wait
   */
  readonly timeout?: number | undefined;
  /**
   * Aborting it aborts the coroutine's signal, and the call throws the reason. While this thread is
   * blocked only a callback can do that, and no timer: `AbortSignal.timeout()` without a `timeout` is a
   * `TypeError` in a call that blocks (Bun does not tell such a signal from others).
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of `sync`: those of every call, and how much of the module there is.
 *
 * @example
 * ```js
 * import { coroutines, sync } from 'palitra';
 *
 * const os = sync(coroutines('node:os'), { timeout: 2_000, values: true });
 * console.log(os.EOL.endsWith('\n'), os.cpus().length > 0); // true true
 * ```
 */
export interface SyncOptions extends RunOptions {
  /**
   * Import the module at once, and give its own names: what is not a function by value.
   *
   * @default false: the module is imported with the first call, and only functions are there
   */
  readonly values?: boolean | undefined;
}

/**
 * Options of `gatherSettled`: those of every call, for the whole group, and how many run at once.
 *
 * @example
 * ```js
 * import { coroutine, gatherSettled } from 'palitra';
 *
 * const square = coroutine(async (n) => n * n);
 * const outcomes = gatherSettled([1, 2, 3].map((n) => square(n)), { concurrency: 2, timeout: 5_000 });
 * console.log(outcomes[2].value); // 9
 * ```
 */
export interface GatherSettledOptions extends RunOptions {
  /**
   * How many may be in flight at once. They are started in order, each when there is room, and its
   * arguments are copied then; if they cannot be, that is the failure of this coroutine.
   *
   * @default Infinity: all are sent together, or none if the arguments of one cannot be copied
   */
  readonly concurrency?: number | undefined;
}

/**
 * Options of `gather`: those of every call, for the whole group, how many run at once, and what becomes of
 * errors.
 *
 * @example
 * ```js
 * import { coroutine, gather } from 'palitra';
 *
 * const half = coroutine(async (n) => {
 *   if (n % 2 === 1) throw new RangeError(`${n} is odd`);
 *   return n / 2;
 * });
 * const [two, error] = gather([half(4), half(5)], { returnExceptions: true, timeout: 5_000 });
 * console.log(two, error.message); // 2 5 is odd
 * ```
 */
export interface GatherOptions extends GatherSettledOptions {
  /**
   * Put the error of a coroutine that fails into its place in the results, instead of throwing the
   * first one (as `return_exceptions` of `asyncio.gather`).
   *
   * @default false
   */
  readonly returnExceptions?: boolean | undefined;
}

/**
 * Options of `iterate`: those of every call, and how far the producer may run ahead.
 *
 * @example
 * ```js
 * import { coroutine, iterate } from 'palitra';
 *
 * const count = coroutine(async function* () {
 *   for (let n = 1; n <= 3; n++) yield n;
 * });
 * for (const n of iterate(count(), { highWaterMark: 1, timeout: 5_000 })) console.log(n); // 1, 2, 3
 * ```
 */
export interface IterateOptions extends RunOptions {
  /**
   * How many items the producer may run ahead. With 1 it runs in lock-step with its caller.
   *
   * @default 64
   */
  readonly highWaterMark?: number;
  /** @internal */
  readonly [deadlineOption]?: number;
}

/**
 * Options of {@link EventLoopThreadRunner}.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner({
 *   name: 'db',
 *   timeout: 10_000,
 *   blockedThreshold: 100,
 *   onBlocked: ({ name, ms }) => console.warn(`${name} computed for ${ms} ms`),
 * });
 * console.log(runner.run(coroutine(async () => 'ready')())); // ready
 * runner.close();
 * ```
 */
export interface RunnerOptions {
  /** The name of the loop thread, in messages and debuggers. @default 'palitra' */
  readonly name?: string;
  /**
   * In milliseconds: how long `close()` and the end of the process wait for cancelled coroutines and
   * for the functions given to `onShutdown`, before the thread is terminated.
   *
   * @default 5000
   */
  readonly shutdownTimeout?: number;
  /** In milliseconds: the `timeout` of every call that names none. @default Infinity */
  readonly timeout?: number;
  /** Limits on the memory of the loop thread, as for `new Worker`. */
  readonly resourceLimits?: ResourceLimits;
  /** The environment variables of the loop thread. @default shared with this thread */
  readonly env?: NodeJS.ProcessEnv;
  /** Node options of the loop thread, as for `new Worker`. @default those of this thread */
  readonly execArgv?: readonly string[];
  /**
   * `'adaptive'`: both threads look for each other's messages for a fraction of a millisecond before
   * they sleep, as long as that pays. `'sleep'`: never; calls take ten times as long, and a busy
   * machine loses no cycle.
   *
   * @default 'adaptive', and 'sleep' where there is one processor
   */
  readonly waitStrategy?: 'adaptive' | 'sleep';
  /**
   * What to do with a coroutine that waits for what nothing on its loop can bring any more, while the
   * calling thread is blocked in it: fail it with a `NeverSettledError`, or wait all the same.
   *
   * @default 'error'
   */
  readonly neverSettled?: 'error' | 'wait';
  /**
   * In milliseconds: a coroutine that keeps the event loop from turning for longer is passed to
   * `onBlocked`, once the loop turns again. The time up to its first `await` is measured; after that, a
   * timer looks whether it comes late, and up to a tenth of the threshold may go unseen.
   *
   * @default nobody looks
   */
  readonly blockedThreshold?: number;
  /**
   * Receives what exceeded `blockedThreshold`. It is called on this thread, also while this is blocked,
   * and may itself call `run`. What it throws is an uncaught exception. The same goes to the channel
   * `palitra:blocked` of `node:diagnostics_channel`, with or without this option.
   *
   * @default a process warning, with code `PALITRA_LOOP_BLOCKED`
   */
  readonly onBlocked?: (info: BlockedInfo) => void;
  /** Receives errors of the loop thread that belong to no coroutine. @default they are printed on stderr */
  readonly onUnhandledError?: (error: unknown) => void;
  /**
   * Where goes what the loop thread prints. `'inherit'`: straight to the file descriptors of the process, at once.
   * `'caller'`: through `process.stdout.write` and `process.stderr.write` of this thread, so that whoever has
   * replaced them (a test runner, a log capturer) sees it: in order, and before the call returns that it was
   * printed in; also when that times out, or the loop thread dies. Printed while this thread runs code of its
   * own, it shows when that is over.
   *
   * @default 'inherit'
   */
  readonly stdio?: 'inherit' | 'caller';
  /** Where the loop thread's code is, if not inlined: the URL of a copy of `palitra/worker`. */
  readonly workerUrl?: string | URL;
}

/**
 * A coroutine that kept the event loop from turning: for `onBlocked`, and the message of `palitra:blocked`.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner } from 'palitra';
 *
 * const compute = coroutine(async function compute() {
 *   for (const end = Date.now() + 200; Date.now() < end; );
 * });
 * const seen = [];
 * const runner = new EventLoopThreadRunner({ blockedThreshold: 100, onBlocked: (info) => seen.push(info) });
 * runner.run(compute());
 * await new Promise((resolve) => setTimeout(resolve, 200));
 * console.log(seen[0].name, seen[0].ms >= 100); // compute true
 * runner.close();
 * ```
 */
export interface BlockedInfo {
  /** The coroutine's name; where it cannot be told which of several it was, all of them, joined by `or`. */
  readonly name: string;
  /** For how long at least, in whole milliseconds. */
  readonly ms: number;
}

/**
 * Options of `close()`: how long to wait for what is in flight.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner } from 'palitra';
 *
 * const write = coroutine(() => new Promise((resolve) => setTimeout(resolve, 50, 'written')));
 * const runner = new EventLoopThreadRunner();
 * const task = runner.createTask(write());
 * runner.close({ drain: 2_000 }); // blocks until it has ended, 2 s at the most
 * console.log(await task); // written
 * ```
 */
export interface CloseOptions {
  /**
   * In milliseconds: how long coroutines in flight may go on before they are cancelled.
   *
   * @default 0
   */
  readonly drain?: number;
}

/**
 * Checks a duration of the user's.
 *
 * @throws {TypeError} when it is not a number.
 * @throws {RangeError} when it is not above zero.
 */
export function checkDuration(value: unknown, name: string): number {
  if (value === undefined) return Infinity;
  if (typeof value !== 'number') {
    throw new TypeError(
      `${name} is a number of milliseconds, such as 2_000, not ${value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`}.`,
    );
  }
  if (!(value > 0)) {
    throw new RangeError(
      `${name} is a number of milliseconds above zero, not ${value}. Leave it out, or give Infinity, to wait without limit.`,
    );
  }
  return value;
}

/**
 * Checks how many items of a stream may be ahead.
 *
 * @throws {RangeError} when it is not a whole number above zero.
 */
export function checkHighWaterMark(value: unknown): number {
  if (value === undefined) return 64;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31)
    return value;
  throw new RangeError(
    `highWaterMark is a whole number of items above zero, such as 64, not ${String(value)}.`,
  );
}

/**
 * Checks how many coroutines may be in flight at once.
 *
 * @throws {RangeError} when it is not a whole number above zero.
 */
export function checkConcurrency(value: unknown): number | undefined {
  if (value === undefined || value === Infinity) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(
    `concurrency is a whole number of coroutines above zero, such as 8, not ${String(value)}. Leave it out to run all at once.`,
  );
}

/** @throws {TypeError} when it is not an AbortSignal. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError(
    'signal is an AbortSignal, such as the one of new AbortController(); give it the .signal, not the controller.',
  );
}

/**
 * Checks that a call that blocks this thread can be given up: no timer fires meanwhile, and so nothing
 * would abort such a signal. Beside a timeout it does no harm.
 *
 * @throws {TypeError} when a timer aborts the signal and there is no timeout.
 */
export function checkCanEnd(limitMs: number, signal: AbortSignal | undefined): void {
  if (limitMs !== Infinity || signal === undefined || signal.aborted) return;
  if (!isTimerSignal(signal)) return;
  throw new TypeError(
    'The signal of AbortSignal.timeout() would never abort: its timer cannot fire while this thread is blocked. Write { timeout: 2_000 } instead, or besides.',
  );
}

/** The names of the options of every call. */
export const RUN_OPTIONS = ['timeout', 'signal'] as const;
export const GATHER_SETTLED_OPTIONS = [...RUN_OPTIONS, 'concurrency'] as const;
export const GATHER_OPTIONS = [...GATHER_SETTLED_OPTIONS, 'returnExceptions'] as const;
export const ITERATE_OPTIONS = [...RUN_OPTIONS, 'highWaterMark'] as const;
const SYNC_OPTIONS = [...RUN_OPTIONS, 'values'] as const;
const RUNNER_OPTIONS = [
  'name',
  'timeout',
  'shutdownTimeout',
  'resourceLimits',
  'env',
  'execArgv',
  'waitStrategy',
  'neverSettled',
  'blockedThreshold',
  'onBlocked',
  'onUnhandledError',
  'stdio',
  'workerUrl',
] as const;

/**
 * Checks the options of a runner, which `where` takes.
 *
 * @throws {TypeError | RangeError} for an option it does not know, or with a value it cannot have.
 */
export function checkRunnerOptions(options: RunnerOptions, where: string): void {
  checkOptions(options, RUNNER_OPTIONS, where, "{ name: 'db' }");
  checkDuration(options.timeout, 'timeout');
  checkDuration(options.shutdownTimeout, 'shutdownTimeout');
  checkDuration(options.blockedThreshold, 'blockedThreshold');
  if (options.onBlocked !== undefined && typeof options.onBlocked !== 'function') {
    throw new TypeError(
      'onBlocked is a function, such as ({ name, ms }) => console.warn(name, ms).',
    );
  }
  const { waitStrategy, neverSettled, onUnhandledError, name } = options;
  if (waitStrategy !== undefined && waitStrategy !== 'adaptive' && waitStrategy !== 'sleep') {
    throw new TypeError(`waitStrategy is 'adaptive' or 'sleep', not ${String(waitStrategy)}.`);
  }
  if (neverSettled !== undefined && neverSettled !== 'error' && neverSettled !== 'wait') {
    throw new TypeError(`neverSettled is 'error' or 'wait', not ${String(neverSettled)}.`);
  }
  if (onUnhandledError !== undefined && typeof onUnhandledError !== 'function') {
    throw new TypeError('onUnhandledError is a function, such as (error) => console.error(error).');
  }
  if (name !== undefined && typeof name !== 'string') {
    throw new TypeError("name is a string, such as 'db'.");
  }
  const { execArgv, resourceLimits, stdio } = options;
  if (stdio !== undefined && stdio !== 'inherit' && stdio !== 'caller') {
    throw new TypeError(`stdio is 'inherit' or 'caller', not ${String(stdio)}.`);
  }
  if (execArgv !== undefined && !isListOfStrings(execArgv)) {
    throw new TypeError("execArgv is an array of strings, such as ['--no-warnings'].");
  }
  // The platform takes no notice of what is no object.
  if (
    resourceLimits !== undefined &&
    (typeof resourceLimits !== 'object' || resourceLimits === null)
  ) {
    throw new TypeError('resourceLimits is an object, such as { maxOldGenerationSizeMb: 256 }.');
  }
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * Checks the options of `sync()`; returns those of each of its calls, if there are any.
 *
 * @throws {TypeError | RangeError} for an option it does not know, or with a value it cannot have.
 */
export function checkSyncOptions(options: SyncOptions): RunOptions | undefined {
  checkOptions(options, SYNC_OPTIONS, 'sync()', '{ timeout: 2_000 }');
  const { timeout, signal, values } = options;
  checkDuration(timeout, 'timeout');
  checkSignal(signal);
  if (values !== undefined && typeof values !== 'boolean') {
    throw new TypeError(`values is true or false, not ${String(values)}.`);
  }
  return timeout === undefined && signal === undefined ? undefined : { timeout, signal };
}
