import type { Job } from 'bullmq';
import type { CancelEvent } from './cancel.ts';
import { callerOf, type JobData, type JobResult } from './envelope.ts';
import { Execution, ExecutionError, type Workplace } from './execution.ts';
import type { Log } from './log.ts';
import { shorten } from './names.ts';
import { settlesWithin } from './settles-within.ts';

/** How long the results of coroutines that have ended may take to reach Redis while the worker stops. */
export const REPORTED_MS = 2_000;

/** How long an aborted coroutine has, before its job is handed back while it still runs. */
const ABORTED_MS = 1_000;

/** Told to BullMQ by an error of this name: the job has gone back to the queue, leave it alone. */
class HandedBack extends Error {
  override readonly name = 'WaitingError';
}

/** So many cancellations of calls whose job is not here are remembered: it may just be on its way. */
const REMEMBERED = 1_000;

interface Running {
  readonly execution: Execution;
  handBack(): void;
}

/** The coroutines that a worker executes at the moment. */
export class Worksite {
  readonly #workplace: Workplace;
  readonly #log: Log;
  readonly #running = new Map<string, Running>();
  readonly #earlyCancels = new Map<string, string>();
  readonly #onIdle: (() => void)[] = [];
  #completed = 0;
  #failed = 0;

  constructor(workplace: Workplace, log: Log) {
    this.#workplace = workplace;
    this.#log = log;
  }

  /** Executes a job for BullMQ: returns what it stores as the result, or throws why it failed. */
  async execute(job: Job<JobData, JobResult>, token: string): Promise<JobResult> {
    const id = job.id ?? '';
    const execution = new Execution(job, this.#workplace);
    try {
      const result = await new Promise<JobResult>((resolve, reject) => {
        let isHandedBack = false;
        const handBack = (): void => {
          if (isHandedBack) return;
          isHandedBack = true;
          this.#log(`${describe(job)} is handed back to the queue.`);
          job.moveToWait(token).then(() => reject(new HandedBack()), reject);
        };
        this.#running.set(id, { execution, handBack });
        const caller = callerOf(job.data);
        const reason = caller === undefined ? undefined : this.#earlyCancels.get(caller);
        if (reason !== undefined) this.#cancel(execution, reason);
        execution.run().then(resolve, (error: unknown) => {
          // Whatever it threw, it was because it was told to stop: another worker shall run it.
          if (execution.isStopped) handBack();
          else reject(error);
        });
      });
      this.#completed += 1;
      return result;
    } catch (error) {
      if (error instanceof ExecutionError && !execution.isCancelled)
        this.#reportFailure(job, error);
      throw error;
    } finally {
      this.#running.delete(id);
      if (this.#running.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    }
  }

  cancel({ jobId, caller, reason }: CancelEvent): void {
    // Whoever can write to Redis can write an event.
    if (typeof caller !== 'string') return;
    const running = this.#running.get(jobId);
    if (running !== undefined && callerOf(running.execution.job.data) === caller) {
      this.#cancel(running.execution, reason);
      return;
    }
    this.#earlyCancels.set(caller, reason);
    const [oldest] = this.#earlyCancels.keys();
    if (this.#earlyCancels.size > REMEMBERED) this.#earlyCancels.delete(oldest!);
  }

  #cancel(execution: Execution, reason: string): void {
    this.#log(`${describe(execution.job)} is cancelled: nobody waits for it any more.`);
    execution.cancel(reason);
  }

  /**
   * Waits for `drainMs` for what is running, then aborts it, and then hands it back. Where Redis does not
   * answer nothing can be told to it, and the wait is for the coroutines alone.
   */
  async end(drainMs: number, isClosed: Promise<void>): Promise<void> {
    const isDone = this.#untilDone(isClosed);
    if (await settlesWithin(drainMs, isDone)) return;
    for (const { execution } of this.#running.values()) execution.stop();
    if (await settlesWithin(ABORTED_MS, isDone)) return;
    for (const { handBack } of this.#running.values()) handBack();
  }

  async #untilDone(isClosed: Promise<void>): Promise<void> {
    // A last job may have been on its way when the worker was told to close.
    do {
      if (this.#running.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    } while (!(await settlesWithin(REPORTED_MS, isClosed)) && this.#running.size > 0);
  }

  health(): string {
    const { running, completed, failed } = this.stats();
    return `${running} running, ${completed} completed, ${failed} failed.`;
  }

  stats(): { running: number; completed: number; failed: number } {
    return { running: this.#running.size, completed: this.#completed, failed: this.#failed };
  }

  #reportFailure(job: Job<JobData, JobResult>, error: ExecutionError): void {
    this.#failed += 1;
    const [summary] = error.message.split('\n');
    this.#log(`${describe(job)} failed: ${summary}`);
  }
}

function describe(job: Job<JobData, JobResult>): string {
  return `${shorten(job.name)} (job ${job.id}, attempt ${job.attemptsStarted} of ${Math.max(1, job.opts.attempts ?? 1)})`;
}
