/**
 * Every error of palitra's own. The user's errors are never wrapped in one of these: what a coroutine
 * throws arrives as itself.
 *
 * Two copies of the package, or a copy on each thread, recognise each other's errors: `instanceof`
 * and {@link isPalitraError} go by a registered symbol, not by the class object.
 */
const brand: unique symbol = Symbol.for('palitra.error') as never;

/**
 * The stable codes, one for each class of error. Compare these rather than messages.
 *
 * @example
 * ```ts
 * import { isPalitraError, type PalitraErrorCode } from 'palitra';
 *
 * const mayRetry: readonly PalitraErrorCode[] = ['ERR_PALITRA_TIMEOUT', 'ERR_PALITRA_LOOP_DIED'];
 * export const isWorthRetrying = (error: unknown): boolean =>
 *   isPalitraError(error) && mayRetry.includes(error.code);
 * ```
 */
export type PalitraErrorCode =
  | 'ERR_PALITRA_TIMEOUT'
  | 'ERR_PALITRA_CANCELLED'
  | 'ERR_PALITRA_CLOSED'
  | 'ERR_PALITRA_LOOP_DIED'
  | 'ERR_PALITRA_LOOP_START'
  | 'ERR_PALITRA_DEADLOCK'
  | 'ERR_PALITRA_NEVER_SETTLED'
  | 'ERR_PALITRA_UNCLONEABLE'
  | 'ERR_PALITRA_HANDLE_DISPOSED'
  | 'ERR_PALITRA_CALLBACK_RELEASED'
  | 'ERR_PALITRA_QUEUE_CONNECTION'
  | 'ERR_PALITRA_JOB_FAILED'
  | 'ERR_PALITRA_JOB_TOO_LARGE';

/**
 * The base class of all errors that palitra itself throws.
 *
 * @example
 * ```js
 * import { PalitraError, coroutine, run } from 'palitra';
 *
 * const hang = coroutine(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
 * try {
 *   run(hang(), { timeout: 20 });
 * } catch (error) {
 *   console.log(error instanceof PalitraError, error.code); // true ERR_PALITRA_TIMEOUT
 * }
 * ```
 */
export class PalitraError extends Error {
  /** Written out in every class, because bundlers that minify shorten the names of classes. */
  static override readonly name: string = 'PalitraError';
  override readonly name: string = 'PalitraError';
  /** Stable across versions; compare this rather than the message. */
  readonly code: PalitraErrorCode;

  constructor(code: PalitraErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: code });
    // `name` is a label, not data: keep it out of the way when the error is printed.
    Object.defineProperty(this, 'name', { value: new.target.name, enumerable: false });
  }

  /** By the code, so that errors of another copy of the package are recognised. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const code = brandOf(value);
    if (code === undefined) return false;
    if (Object.hasOwn(this, classCode))
      return code === (this as { [classCode]?: string })[classCode];
    if (this === PalitraError) return true;
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** Under it each class has its code, so that `instanceof` goes by the code. */
export const classCode: unique symbol = Symbol('palitra.classCode') as never;

function brandOf(value: unknown): PalitraErrorCode | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as { [brand]?: PalitraErrorCode })[brand];
  } catch {
    // A Proxy that will not say: the reason of an abortion may be anything.
    return undefined;
  }
}

/**
 * Is this one of palitra's own errors, from whichever copy of the package or thread?
 *
 * @example
 * ```js
 * import { isPalitraError, run } from 'palitra';
 *
 * try {
 *   run(undefined);
 * } catch (error) {
 *   console.log(isPalitraError(error)); // false: a misuse is a plain TypeError
 * }
 * ```
 */
export function isPalitraError(value: unknown): value is PalitraError {
  return brandOf(value) !== undefined;
}

/**
 * A call took longer than its `timeout`. The coroutine's signal has been aborted.
 *
 * @example
 * ```js
 * import { coroutine, run, TimeoutError } from 'palitra';
 *
 * const sleep = coroutine((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
 * try {
 *   run(sleep(60_000), { timeout: 20 });
 * } catch (error) {
 *   console.log(error instanceof TimeoutError); // true
 * }
 * ```
 */
export class TimeoutError extends PalitraError {
  static override readonly name: string = 'TimeoutError';
  static readonly [classCode] = 'ERR_PALITRA_TIMEOUT';
  declare readonly name: 'TimeoutError';
  declare readonly code: 'ERR_PALITRA_TIMEOUT';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_TIMEOUT', message, options);
  }
}

/**
 * A task was cancelled, or its runner was closed while it was in flight.
 *
 * @example
 * ```js
 * import { CancelledError, coroutine, createTask } from 'palitra';
 *
 * const sleep = coroutine((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
 * const task = createTask(sleep(60_000));
 * task.cancel();
 * await task.catch((error) => {
 *   console.log(error instanceof CancelledError, task.cancelled); // true true
 * });
 * ```
 */
export class CancelledError extends PalitraError {
  static override readonly name: string = 'CancelledError';
  static readonly [classCode] = 'ERR_PALITRA_CANCELLED';
  declare readonly name: 'CancelledError';
  declare readonly code: 'ERR_PALITRA_CANCELLED';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_CANCELLED', message, options);
  }
}

/**
 * A method of a runner was called after its `close()`.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner, RunnerClosedError } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner();
 * runner.close();
 * try {
 *   runner.run(coroutine(async () => 1)());
 * } catch (error) {
 *   console.log(error instanceof RunnerClosedError); // true
 * }
 * ```
 */
export class RunnerClosedError extends PalitraError {
  static override readonly name: string = 'RunnerClosedError';
  static readonly [classCode] = 'ERR_PALITRA_CLOSED';
  declare readonly name: 'RunnerClosedError';
  declare readonly code: 'ERR_PALITRA_CLOSED';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_CLOSED', message, options);
  }
}

/**
 * The loop thread died while a call was in flight. The next call starts a new one.
 *
 * @example
 * ```js
 * import { coroutine, LoopThreadError, run } from 'palitra';
 *
 * const leave = coroutine(async (exitCode) => process.exit(exitCode));
 * try {
 *   run(leave(3));
 * } catch (error) {
 *   console.log(error instanceof LoopThreadError, error.exitCode); // true 3
 * }
 * ```
 */
export class LoopThreadError extends PalitraError {
  static override readonly name: string = 'LoopThreadError';
  static readonly [classCode] = 'ERR_PALITRA_LOOP_DIED';
  declare readonly name: 'LoopThreadError';
  declare readonly code: 'ERR_PALITRA_LOOP_DIED';
  /** The exit code of the thread, where it could be learned. */
  readonly exitCode: number | undefined;
  constructor(
    message: string,
    options?: ErrorOptions & { readonly exitCode?: number | undefined },
  ) {
    super('ERR_PALITRA_LOOP_DIED', message, options);
    this.exitCode = options?.exitCode;
  }
}

/**
 * The loop thread could not be started; `cause` says why, where the platform tells.
 *
 * @example
 * ```js
 * import { coroutine, EventLoopThreadRunner, LoopStartError } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner({ execArgv: ['--no-such-option'] });
 * try {
 *   runner.run(coroutine(async () => 1)());
 * } catch (error) {
 *   console.log(error instanceof LoopStartError, error.cause.code); // true ERR_WORKER_INVALID_EXEC_ARGV
 * }
 * ```
 */
export class LoopStartError extends PalitraError {
  static override readonly name: string = 'LoopStartError';
  static readonly [classCode] = 'ERR_PALITRA_LOOP_START';
  declare readonly name: 'LoopStartError';
  declare readonly code: 'ERR_PALITRA_LOOP_START';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_LOOP_START', message, options);
  }
}

/**
 * A blocking call that could only ever wait for itself.
 *
 * @example
 * ```js
 * import { coroutine, DeadlockError, EventLoopThreadRunner } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner();
 * const askItself = coroutine(async (token) => {
 *   const { coroutine, EventLoopThreadRunner } = await import('palitra');
 *   return EventLoopThreadRunner.connect(token).run(coroutine(async () => 1)());
 * });
 * try {
 *   runner.run(askItself(runner.share()));
 * } catch (error) {
 *   console.log(error instanceof DeadlockError); // true
 * }
 * ```
 */
export class DeadlockError extends PalitraError {
  static override readonly name: string = 'DeadlockError';
  static readonly [classCode] = 'ERR_PALITRA_DEADLOCK';
  declare readonly name: 'DeadlockError';
  declare readonly code: 'ERR_PALITRA_DEADLOCK';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_DEADLOCK', message, options);
  }
}

/**
 * A coroutine waits for a promise that nothing on its loop can settle any more.
 *
 * @example
 * ```js
 * import { coroutine, NeverSettledError, run } from 'palitra';
 *
 * const forgotten = coroutine(() => new Promise((resolve) => {}));
 * try {
 *   run(forgotten());
 * } catch (error) {
 *   console.log(error instanceof NeverSettledError); // true
 * }
 * ```
 */
export class NeverSettledError extends PalitraError {
  static override readonly name: string = 'NeverSettledError';
  static readonly [classCode] = 'ERR_PALITRA_NEVER_SETTLED';
  declare readonly name: 'NeverSettledError';
  declare readonly code: 'ERR_PALITRA_NEVER_SETTLED';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_NEVER_SETTLED', message, options);
  }
}

/**
 * A value that cannot be copied to the other thread.
 *
 * @example
 * ```js
 * import { coroutine, run, UncloneableError } from 'palitra';
 *
 * const open = coroutine(async () => ({ name: 'session', close() {} }));
 * try {
 *   run(open());
 * } catch (error) {
 *   console.log(error instanceof UncloneableError, error.path); // true result.close
 * }
 * ```
 */
export class UncloneableError extends PalitraError {
  static override readonly name: string = 'UncloneableError';
  static readonly [classCode] = 'ERR_PALITRA_UNCLONEABLE';
  declare readonly name: 'UncloneableError';
  declare readonly code: 'ERR_PALITRA_UNCLONEABLE';
  /** Where the value stands, such as `result.user.socket` or `arguments[0].onClick`. */
  readonly path: string;
  constructor(message: string, options?: ErrorOptions & { readonly path?: string }) {
    super('ERR_PALITRA_UNCLONEABLE', message, options);
    this.path = options?.path ?? '';
  }
}

/**
 * A handle was used after it was disposed of, or after its loop thread was replaced.
 *
 * @example
 * ```js
 * import { coroutine, HandleDisposedError, run } from 'palitra';
 *
 * const open = coroutine(async () => {
 *   const { handle } = await import('palitra/loop');
 *   return handle({ greet: () => 'hello' });
 * });
 * const session = run(open());
 * session[Symbol.dispose]();
 * try {
 *   run(session.greet());
 * } catch (error) {
 *   console.log(error instanceof HandleDisposedError); // true
 * }
 * ```
 */
export class HandleDisposedError extends PalitraError {
  static override readonly name: string = 'HandleDisposedError';
  static readonly [classCode] = 'ERR_PALITRA_HANDLE_DISPOSED';
  declare readonly name: 'HandleDisposedError';
  declare readonly code: 'ERR_PALITRA_HANDLE_DISPOSED';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_HANDLE_DISPOSED', message, options);
  }
}

/**
 * A callback was called after the coroutine it was given to had ended.
 *
 * @example
 * ```js
 * import { coroutine, run } from 'palitra';
 *
 * const remember = coroutine(async (listener) => void (globalThis.listener = listener));
 * const callLate = coroutine(() => globalThis.listener().catch((error) => error.code));
 * run(remember(() => 'too late'));
 * console.log(run(callLate())); // ERR_PALITRA_CALLBACK_RELEASED
 * ```
 */
export class CallbackReleasedError extends PalitraError {
  static override readonly name: string = 'CallbackReleasedError';
  static readonly [classCode] = 'ERR_PALITRA_CALLBACK_RELEASED';
  declare readonly name: 'CallbackReleasedError';
  declare readonly code: 'ERR_PALITRA_CALLBACK_RELEASED';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_CALLBACK_RELEASED', message, options);
  }
}
