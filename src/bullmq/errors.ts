import { classCode, PalitraError } from '../errors.ts';
import { rememberOwnErrorClass } from '../wire/error-classes.ts';

/**
 * There is no connection to Redis, and there was none for `connectTimeout`. `cause` is what the client said.
 *
 * @example
 * ```js
 * import { QueueConnectionError, QueueRunner, remoteCoroutines } from 'palitra/bullmq';
 *
 * const connection = { host: 'localhost', port: 1 };
 * const runner = new QueueRunner({ queue: 'palitra', connection, connectTimeout: 100 });
 * try {
 *   runner.run(remoteCoroutines('tasks').resize(7));
 * } catch (error) {
 *   console.log(error instanceof QueueConnectionError); // true
 * }
 * runner.close();
 * ```
 */
export class QueueConnectionError extends PalitraError {
  static override readonly name: string = 'QueueConnectionError';
  static readonly [classCode] = 'ERR_PALITRA_QUEUE_CONNECTION';
  declare readonly name: 'QueueConnectionError';
  declare readonly code: 'ERR_PALITRA_QUEUE_CONNECTION';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_QUEUE_CONNECTION', message, options);
  }
}

/**
 * A job ended without an outcome of its coroutine: it stalled too often, was removed, or was lost.
 *
 * @example
 * ```js
 * import { JobFailedError } from 'palitra/bullmq';
 *
 * export function idOfLostJob(error) {
 *   return error instanceof JobFailedError ? error.jobId : undefined;
 * }
 * ```
 */
export class JobFailedError extends PalitraError {
  static override readonly name: string = 'JobFailedError';
  static readonly [classCode] = 'ERR_PALITRA_JOB_FAILED';
  declare readonly name: 'JobFailedError';
  declare readonly code: 'ERR_PALITRA_JOB_FAILED';
  /** The id by which the queue knows the job. */
  readonly jobId: string;
  constructor(message: string, options?: ErrorOptions & { readonly jobId?: string }) {
    super('ERR_PALITRA_JOB_FAILED', message, options);
    this.jobId = options?.jobId ?? '';
  }
}

/**
 * The arguments or the result of a coroutine are larger than `sizeLimit` allows.
 *
 * @example
 * ```js
 * import { JobTooLargeError, QueueRunner, remoteCoroutines } from 'palitra/bullmq';
 *
 * const runner = new QueueRunner({ queue: 'palitra', sizeLimit: 1_000 });
 * try {
 *   runner.run(remoteCoroutines('tasks').resize(new Uint8Array(2_000)));
 * } catch (error) {
 *   console.log(error instanceof JobTooLargeError); // true
 * }
 * runner.close();
 * ```
 */
export class JobTooLargeError extends PalitraError {
  static override readonly name: string = 'JobTooLargeError';
  static readonly [classCode] = 'ERR_PALITRA_JOB_TOO_LARGE';
  declare readonly name: 'JobTooLargeError';
  declare readonly code: 'ERR_PALITRA_JOB_TOO_LARGE';
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PALITRA_JOB_TOO_LARGE', message, options);
  }
}

for (const errorClass of [QueueConnectionError, JobFailedError, JobTooLargeError]) {
  rememberOwnErrorClass(errorClass);
}
