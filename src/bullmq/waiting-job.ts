import type { JobOptions } from './job-options.ts';
import type { ProgressInfo } from './options.ts';

/** A call, as the calling thread has prepared it. */
export interface JobRequest {
  /** As in `tasks#resize`. */
  readonly name: string;
  readonly call: string;
  readonly job: JobOptions;
}

/** What a worker has sent, and for which job; read on the calling thread. */
export interface JobOutcome {
  readonly jobId: string;
  readonly text: string;
}

export type ProgressListener = (progress: unknown, info: ProgressInfo) => Promise<void>;

/** A call of this runner's, from being asked for to its outcome. */
export class WaitingJob {
  readonly request: JobRequest;
  readonly outcome: Promise<JobOutcome>;
  readonly startedAt = performance.now();
  /** When the queue was last asked what has become of it. */
  lookedForAt = this.startedAt;
  /** Under this the queue knows it. Chosen here, so that adding it twice adds it once. */
  id: string;
  /** Names this call, in the job that it adds: several calls may have one `jobId`, at the same time or later. */
  readonly caller: string;
  /** May others wait for the same job? Then it is not this call's alone to remove. */
  readonly mayBeShared: boolean;
  isSettled = false;
  /** It is being added, or was. */
  adding: Promise<unknown> | undefined;
  /** The queue has said that it has it. */
  isThere = false;
  /** Whoever had added it takes it back. */
  isWithdrawn = false;
  /** There was an event that says so; it may have been of an earlier job with this id. */
  wasRemoved = false;
  readonly #onProgress: ProgressListener | undefined;
  /** The caller has been told what was reported so far. */
  #told: Promise<void> | undefined;
  #resolve!: (outcome: JobOutcome) => void;
  #reject!: (error: unknown) => void;

  constructor(request: JobRequest, caller: string, onProgress: ProgressListener | undefined) {
    const { jobId, deduplication } = request.job;
    this.request = request;
    this.caller = caller;
    this.id = jobId ?? caller;
    this.mayBeShared = jobId !== undefined || deduplication !== undefined;
    this.#onProgress = onProgress;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** It is to be added once more. */
  reset(): void {
    this.id = this.request.job.jobId ?? this.caller;
    this.isThere = false;
    this.isWithdrawn = false;
    this.wasRemoved = false;
  }

  /** What the coroutine has reported reaches the caller before the outcome does. */
  complete(text: string): void {
    this.isSettled = true;
    const outcome = { jobId: this.id, text };
    this.#afterProgress(() => this.#resolve(outcome));
  }

  fail(error: unknown): void {
    this.isSettled = true;
    this.#afterProgress(() => this.#reject(error));
  }

  /** At once: the caller waits no longer. */
  giveUp(reason: unknown): void {
    this.isSettled = true;
    this.#reject(reason);
  }

  /** `onError` gets what the caller's function throws. */
  reportProgress(progress: unknown, onError: (error: unknown) => void): void {
    const listener = this.#onProgress;
    if (listener === undefined || this.isSettled) return;
    const info = { jobId: this.id, name: this.request.name };
    const before = this.#told ?? Promise.resolve();
    this.#told = before
      .then(() => listener(progress, info))
      .catch((error: unknown) => {
        // Also if the outcome has come meanwhile: it has been waiting for this.
        this.#reject(error);
        onError(error);
      });
  }

  #afterProgress(settle: () => void): void {
    if (this.#told === undefined) settle();
    else void this.#told.finally(settle);
  }
}
