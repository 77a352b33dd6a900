import { failureText, type JobResult } from './envelope.ts';
import { JobFailedError } from './errors.ts';
import { RemoteError } from './remote-outcome.ts';
import { Durations } from './statistics.ts';
import type { WaitingJob } from './waiting-job.ts';

/** Which calls wait for which job, and what becomes of them when that ends. */
export class WaitingJobs {
  readonly roundTrips = new Durations();
  readonly runs = new Durations();
  readonly #byId = new Map<string, Set<WaitingJob>>();

  get size(): number {
    return this.#byId.size;
  }

  all(): WaitingJob[] {
    return [...this.#byId.values()].flatMap((jobs) => [...jobs]);
  }

  has(jobId: string): boolean {
    return this.#byId.has(jobId);
  }

  get(jobId: string): readonly WaitingJob[] {
    return [...(this.#byId.get(jobId) ?? [])];
  }

  add(job: WaitingJob): void {
    const others = this.#byId.get(job.id);
    if (others === undefined) this.#byId.set(job.id, new Set([job]));
    else others.add(job);
  }

  forget(job: WaitingJob): void {
    const all = this.#byId.get(job.id);
    all?.delete(job);
    if (all?.size === 0) this.#byId.delete(job.id);
  }

  /** The queue had it already, under another id. */
  rename(job: WaitingJob, id: string): void {
    this.forget(job);
    job.id = id;
    this.add(job);
  }

  complete(jobId: string, returnValue: unknown): void {
    const { palitra, value, ranMs } = (returnValue ?? {}) as Partial<JobResult>;
    for (const job of this.#take(jobId)) {
      if (palitra !== 1 || typeof value !== 'string') {
        job.fail(failed(job, 'its worker is not one of serve(), and has returned something else.'));
        continue;
      }
      this.roundTrips.add(performance.now() - job.startedAt);
      this.runs.add(Number(ranMs));
      job.complete(value);
    }
  }

  fail(jobId: string, failedReason = ''): void {
    const text = failureText(failedReason);
    for (const job of this.#take(jobId)) {
      job.fail(text === undefined ? failed(job, failedReason) : new RemoteError(job.id, text));
    }
  }

  /** It is no more in the queue. */
  lose(job: WaitingJob, reason: string): void {
    this.forget(job);
    job.fail(failed(job, reason));
  }

  #take(jobId: string): Iterable<WaitingJob> {
    const jobs = this.#byId.get(jobId);
    if (jobs === undefined) return [];
    this.#byId.delete(jobId);
    return jobs;
  }
}

function failed(job: WaitingJob, reason: string): JobFailedError {
  return new JobFailedError(`${job.request.name} failed as job ${job.id}: ${reason}`, {
    jobId: job.id,
  });
}
