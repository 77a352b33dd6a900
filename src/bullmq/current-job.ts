import type { JobProgress } from 'bullmq';
import { currentJob, type RemoteJob } from '../wire/remote-jobs.ts';

/**
 * The job that a coroutine is executed for.
 *
 * @example
 * ```ts
 * import { getJob, type CurrentJob } from 'palitra/bullmq';
 *
 * const describe = ({ name, attempt, attempts }: CurrentJob): string =>
 *   `${name}, attempt ${attempt} of ${attempts}`;
 *
 * export async function resize(id: number): Promise<number> {
 *   const job = getJob(); // undefined where it is called without a queue
 *   if (job !== undefined) await job.log(describe(job));
 *   return id;
 * }
 * ```
 */
export interface CurrentJob {
  readonly id: string;
  readonly queue: string;
  /** As in `tasks#resize`. */
  readonly name: string;
  /**
   * 1 the first time; more when it runs again, because it failed and has `attempts` left or because the
   * worker before this one died. A coroutine with side effects asks, or is written to bear repetition.
   */
  readonly attempt: number;
  /** How often it may fail: the `attempts` of its options. */
  readonly attempts: number;
  /** Tells the caller's `onProgress`, and whoever looks at the queue, how far it is: a number, text or JSON. */
  updateProgress(progress: JobProgress): Promise<void>;
  /** Adds a line to the job's log, which dashboards show. */
  log(line: string): Promise<void>;
}

/** What the context of a job holds. */
export interface ServedJob extends RemoteJob {
  readonly job: CurrentJob;
}

/**
 * The job whose coroutine is running; undefined where the same function was called in some other way, and
 * in what a coroutine has left running when it ended.
 *
 * @example
 * ```js
 * import { getJob } from 'palitra/bullmq';
 *
 * export async function importRows(rows) {
 *   for (const [index, row] of rows.entries()) {
 *     await store(row);
 *     await getJob()?.updateProgress({ done: index + 1, of: rows.length });
 *   }
 * }
 *
 * async function store(row) {}
 * ```
 */
export function getJob(): CurrentJob | undefined {
  return (currentJob() as ServedJob | undefined)?.job;
}
