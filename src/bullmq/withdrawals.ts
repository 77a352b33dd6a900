import type { Job } from 'bullmq';
import { EVENTS_KEPT, WITHDRAWN_EVENT, type CancelEvent } from './cancel.ts';
import type { ConnectedQueue } from './connected-queue.ts';
import { callerOf, writeValue } from './envelope.ts';
import type { WaitingJob } from './waiting-job.ts';
import type { WaitingJobs } from './waiting-jobs.ts';

/** Takes back the jobs of calls that have given up, so that they leave no outcome behind. */
export class Withdrawals {
  readonly #connected: ConnectedQueue;
  readonly #waiting: WaitingJobs;
  readonly #isOwn: (caller: string) => boolean;
  /** Jobs that were running when they were to be taken back, and which call had added them. */
  readonly #unwanted = new Map<string, string>();

  constructor(connected: ConnectedQueue, waiting: WaitingJobs, isOwn: (caller: string) => boolean) {
    this.#connected = connected;
    this.#waiting = waiting;
    this.#isOwn = isOwn;
  }

  /** Removes the job, or has its coroutine aborted. */
  async takeBack(job: WaitingJob, reason: unknown): Promise<void> {
    const { queue, canceller } = this.#connected;
    await job.adding?.catch(() => undefined);
    let { caller } = job;
    if (job.mayBeShared) {
      const adder = callerOf((await queue.getJob(job.id))?.data);
      // Another runner's, which this one has only waited for; or somebody here waits for it by now.
      if (adder === undefined || !this.#isOwn(adder) || this.#waiting.has(job.id)) return;
      caller = adder;
      const event = { event: WITHDRAWN_EVENT, jobId: job.id };
      await queue.getBackend().publishEvent(event, EVENTS_KEPT);
    }
    if ((await queue.remove(job.id)) === 1) return;
    this.#unwanted.set(job.id, caller);
    const text = writeReason(reason, job.request.name);
    const event: CancelEvent = { jobId: job.id, caller, reason: text };
    await canceller.publishEvent({ eventName: 'cancel', ...event }, EVENTS_KEPT);
  }

  has(jobId: string): boolean {
    return this.#unwanted.has(jobId);
  }

  /** Something has become of a job. If it is one that nobody waits for, what is left of it goes. */
  async clear(jobId: string): Promise<void> {
    const caller = this.#unwanted.get(jobId);
    if (caller === undefined) return;
    this.#unwanted.delete(jobId);
    const { queue } = this.#connected;
    const job: Job | undefined = await queue.getJob(jobId);
    if (callerOf(job?.data) === caller && !this.#waiting.has(jobId)) await queue.remove(jobId);
  }
}

function writeReason(reason: unknown, name: string): string {
  try {
    return writeValue(reason, 'reason', name);
  } catch {
    return writeValue(new DOMException('The call was aborted.', 'AbortError'), 'reason', name);
  }
}
