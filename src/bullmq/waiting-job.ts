import type { JobOptions, ProgressInfo } from './options.ts';

/** A call, as the calling thread has prepared it. */
export interface JobRequest {
  /** As in `tasks#resize`. */
  readonly name: string;
  readonly call: string;
  readonly job: JobOptions;
}

export type ProgressListener = (progress: unknown, info: ProgressInfo) => Promise<void>;

/** A call of this runner's, from being asked for to its outcome. */
export class WaitingJob {
  readonly request: JobRequest;
  readonly outcome: Promise<string>;
  readonly startedAt = performance.now();
  /** When the queue was last asked what has become of it. */
  lookedForAt = this.startedAt;
  /** Under this the queue knows it. Chosen here, so that adding it twice adds it once. */
  id: string;
  /** May others wait for the same job? Then it is not this call's alone to remove. */
  readonly mayBeShared: boolean;
  isSettled = false;
  wasAdded = false;
  readonly #onProgress: ProgressListener | undefined;
  /** The caller has been told what was reported so far. */
  #told: Promise<void> | undefined;
  #resolve!: (text: string) => void;
  #reject!: (error: unknown) => void;

  constructor(request: JobRequest, id: string, onProgress: ProgressListener | undefined) {
    const { jobId, deduplication } = request.job;
    this.request = request;
    this.id = jobId ?? id;
    this.mayBeShared = jobId !== undefined || deduplication !== undefined;
    this.#onProgress = onProgress;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What the coroutine has reported reaches the caller before the outcome does. */
  complete(text: string): void {
    this.isSettled = true;
    this.#afterProgress(() => this.#resolve(text));
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
