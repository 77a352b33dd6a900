import type { JobsOptions, RedisOptions } from 'bullmq';
import { UncloneableError } from '../errors.ts';
import type { GatherOptions, RunOptions } from '../options.ts';
import { encodePortable } from '../wire/portable.ts';
import { DEFAULT_SIZE_LIMIT } from './envelope.ts';
import type { QueueModules } from './names.ts';

/**
 * Where Redis is: a URL such as `redis://user:password@host:6379/0`, or the options of the `ioredis`
 * client, as far as they are data.
 *
 * @example
 * ```ts
 * import type { QueueConnection } from 'palitra/bullmq';
 *
 * export const byUrl: QueueConnection = 'rediss://user:password@redis.example:6380/0';
 * export const byOptions: QueueConnection = { host: 'redis', port: 6379 };
 * ```
 */
export type QueueConnection = string | RedisOptions;

/**
 * Options of BullMQ for a job, under BullMQ's own names: attempts, backoff, delay, priority, jobId …
 *
 * @example
 * ```ts
 * import type { JobOptions } from 'palitra/bullmq';
 *
 * export const job: JobOptions = { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } };
 * ```
 */
export type JobOptions = JobsOptions;

/**
 * Which job a progress is of: the second argument of `onProgress`.
 *
 * @example
 * ```ts
 * import type { ProgressInfo } from 'palitra/bullmq';
 *
 * export const onProgress = (progress: unknown, { name, jobId }: ProgressInfo): void =>
 *   console.log(`${name} (${jobId}):`, progress);
 * ```
 */
export interface ProgressInfo {
  readonly jobId: string;
  /** As in `tasks#resize`. */
  readonly name: string;
}

/**
 * Options of the calls of a {@link QueueRunner}.
 *
 * @example
 * ```ts
 * import type { QueueRunOptions } from 'palitra/bullmq';
 *
 * export const options: QueueRunOptions = {
 *   timeout: 30_000,
 *   job: { priority: 1 },
 *   onProgress: (progress) => console.log(progress),
 * };
 * ```
 */
export interface QueueRunOptions extends RunOptions {
  /** Options of the job, on top of those of the runner. */
  readonly job?: JobOptions | undefined;
  /**
   * Called with what the coroutine gives to `getJob().updateProgress()`, in order and before the result:
   * while this thread is blocked on its own stack, otherwise as an event. What it throws ends the call.
   */
  readonly onProgress?: ((progress: unknown, info: ProgressInfo) => void) | undefined;
}

/**
 * Options of `gather` of a {@link QueueRunner}.
 *
 * @example
 * ```ts
 * import type { QueueGatherOptions } from 'palitra/bullmq';
 *
 * export const options: QueueGatherOptions = { timeout: 60_000, returnExceptions: true };
 * ```
 */
export type QueueGatherOptions = QueueRunOptions & GatherOptions;

/**
 * Options of a {@link QueueRunner}: which queue, on which Redis, and how its jobs are run.
 *
 * @example
 * ```ts
 * import { QueueRunner, type QueueRunnerOptions } from 'palitra/bullmq';
 *
 * const options: QueueRunnerOptions = {
 *   queue: 'palitra',
 *   connection: { host: 'redis', port: 6379 },
 *   modules: { tasks: new URL('./tasks.js', import.meta.url) },
 *   job: { attempts: 3 },
 *   timeout: 30_000,
 * };
 * const runner = new QueueRunner(options); // connects with the first call
 * runner.close();
 * ```
 */
export interface QueueRunnerOptions {
  /** The name of the queue. */
  readonly queue: string;
  /** Where Redis is. @default localhost, port 6379 */
  readonly connection?: QueueConnection;
  /** The names under which modules travel; needed for what `coroutines()` has made. */
  readonly modules?: QueueModules;
  /** What the keys of the queue begin with, as in BullMQ. @default 'bull' */
  readonly prefix?: string;
  /**
   * Options of every job, on top of BullMQ's defaults and these two: completed jobs are kept for an hour,
   * failed ones for a week.
   */
  readonly job?: JobOptions;
  /** In milliseconds: the `timeout` of every call that names none. @default Infinity */
  readonly timeout?: number;
  /**
   * In milliseconds: how long calls wait while there is no connection to Redis, at the start and later,
   * before they fail with a `QueueConnectionError`.
   *
   * @default 10000
   */
  readonly connectTimeout?: number;
  /** In bytes: how large the arguments of a call may be when they are encoded. @default 1 MiB */
  readonly sizeLimit?: number;
  /** In milliseconds: how long `close()` waits for jobs to be taken back. @default 5000 */
  readonly shutdownTimeout?: number;
}

export const DEFAULT_CONNECT_MS = 10_000;

/** A connection as BullMQ takes it, checked to be data. */
export function checkConnection(connection: unknown): RedisOptions {
  if (connection === undefined) return {};
  if (typeof connection === 'string') {
    if (URL.canParse(connection) && /^rediss?:/.test(connection)) return { url: connection };
    throw new TypeError(
      `connection is a URL such as 'redis://localhost:6379', not ${JSON.stringify(connection)}.`,
    );
  }
  if (typeof connection !== 'object' || connection === null) {
    throw new TypeError("connection is a redis: URL, or an object such as { host: 'redis' }.");
  }
  if ('status' in connection && 'duplicate' in connection) {
    throw new TypeError(
      'connection is the address of Redis and not a client: give the options the client was made with.',
    );
  }
  return connection;
}

/** @throws {TypeError} for what is more than data. */
export function checkPlainData(value: unknown, name: string): void {
  try {
    encodePortable((encoder) => encoder.root(value, name));
  } catch (error) {
    if (!(error instanceof UncloneableError)) throw error;
    throw new TypeError(
      `${error.path} is more than data: the client of Redis is on a thread of its own, and what is in ${name} must be copied to it.`,
      { cause: error },
    );
  }
}

export function checkQueueName(queue: unknown): string {
  if (typeof queue === 'string' && queue !== '' && !queue.includes(':')) return queue;
  throw new TypeError(
    `queue is the name of a BullMQ queue: a text without colons, such as 'palitra', not ${JSON.stringify(queue)}.`,
  );
}

/** @throws {TypeError | RangeError} when it is no number of bytes above zero. */
export function checkSizeLimit(sizeLimit: unknown): number {
  if (sizeLimit === undefined) return DEFAULT_SIZE_LIMIT;
  if (typeof sizeLimit === 'number' && sizeLimit > 0) return sizeLimit;
  throw new RangeError(
    `sizeLimit is a number of bytes above zero, such as 1_000_000, not ${String(sizeLimit)}.`,
  );
}
