import { GATHER_OPTIONS, RUN_OPTIONS, type GatherOptions, type RunOptions } from '../options.ts';
import type { QueueConnection } from './connection.ts';
import { DEFAULT_SIZE_LIMIT } from './envelope.ts';
import type { JobOptions } from './job-options.ts';
import type { QueueModules } from './names.ts';

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

/** The names of the options of a {@link QueueRunner}, and of its calls. */
export const QUEUE_RUNNER_OPTIONS = [
  'queue',
  'connection',
  'modules',
  'prefix',
  'job',
  'timeout',
  'connectTimeout',
  'sizeLimit',
  'shutdownTimeout',
] as const;
export const QUEUE_RUN_OPTIONS = [...RUN_OPTIONS, 'job', 'onProgress'] as const;
export const QUEUE_GATHER_OPTIONS = [...GATHER_OPTIONS, 'job', 'onProgress'] as const;

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

export function checkPrefix(prefix: unknown): string | undefined {
  if (prefix === undefined || (typeof prefix === 'string' && prefix !== '')) return prefix;
  throw new TypeError("prefix is a text, such as 'bull': what the keys of the queue begin with.");
}
