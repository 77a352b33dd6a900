import { setMaxListeners } from 'node:events';
import type { Job } from 'bullmq';
import { isNode } from '../runtime/which.ts';
import type { JobHost } from '../wire/remote-jobs.ts';
import type { CurrentJob, ServedJob } from './current-job.ts';

/**
 * Before Node 24, an `AsyncLocalStorage` that is in use has hooks called for every promise of the process,
 * and BullMQ makes hundreds for a job. They are taken away when no coroutine needs them.
 */
const costsHooks = isNode && Number.parseInt(process.versions.node) < 24;

/** What `getSignal()` and `getJob()` find. Most coroutines never ask, so both are made on demand. */
export class JobInContext implements ServedJob {
  isOver = false;
  readonly #job: Job;
  #current: CurrentJob | undefined;
  #controller: AbortController | undefined;

  constructor(job: Job) {
    this.#job = job;
  }

  get signal(): AbortSignal {
    return this.#useController().signal;
  }

  get job(): CurrentJob {
    return (this.#current ??= describe(this.#job));
  }

  abort(reason: unknown): void {
    this.#useController().abort(reason);
  }

  #useController(): AbortController {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // Hundreds of operations may listen to the signal of one coroutine; that is no leak.
      setMaxListeners(0, this.#controller.signal);
    }
    return this.#controller;
  }
}

/** Runs a coroutine where `getSignal()` and `getJob()` mean this job, until it has ended. */
export async function runInJob(
  host: JobHost,
  job: ServedJob,
  body: () => unknown,
): Promise<unknown> {
  host.running += 1;
  try {
    return await host.storage.run(job, body);
  } finally {
    // Also for what it has left running, whether the hooks are still there or not.
    job.isOver = true;
    host.running -= 1;
    if (costsHooks && host.running === 0) host.storage.disable();
  }
}

function describe(job: Job): CurrentJob {
  return {
    id: job.id ?? '',
    queue: job.queueName,
    name: job.name,
    attempt: Math.max(1, job.attemptsStarted),
    attempts: Math.max(1, job.opts.attempts ?? 1),
    updateProgress: (progress) => job.updateProgress(progress),
    log: async (line) => void (await job.log(line)),
  };
}
