import { inspect } from 'node:util';
import type { Job } from 'bullmq';
import { CancelledError } from '../errors.ts';
import { runInContexts } from '../wire/contexts.ts';
import { sendOutcome } from '../wire/refusal.ts';
import type { JobHost } from '../wire/remote-jobs.ts';
import {
  readCall,
  readValue,
  writeCancellation,
  writeFailure,
  writeValue,
  type JobData,
  type JobResult,
} from './envelope.ts';
import { admitContexts } from './foreign-contexts.ts';
import { JobInContext, runInJob } from './job-context.ts';
import { BACKOFFS } from './job-options.ts';
import type { Callable, Registry } from './registry.ts';

/** What every execution of a worker needs. */
export interface Workplace {
  readonly host: JobHost;
  readonly registry: Registry;
  readonly sizeLimit: number;
  /** Does BullMQ's worker have a `backoffStrategy`? */
  readonly hasBackoffStrategy: boolean;
}

/** A failure as BullMQ stores it; the name says whether it may be tried again. */
export class ExecutionError extends Error {
  constructor(message: string, stack: string, isFinal: boolean) {
    super(message);
    this.name = isFinal ? 'UnrecoverableError' : 'CoroutineError';
    this.stack = stack;
  }
}

/** One coroutine, from its job to its outcome. */
export class Execution {
  readonly job: Job<JobData, JobResult>;
  readonly #workplace: Workplace;
  /** Nobody waits for it any more. */
  isCancelled = false;
  /** Was it interrupted for another worker to run? */
  isStopped = false;
  readonly #served: JobInContext;
  readonly startedAt = performance.now();

  constructor(job: Job<JobData, JobResult>, workplace: Workplace) {
    this.job = job;
    this.#workplace = workplace;
    this.#served = new JobInContext(job);
  }

  /**
   * The call that added it has given up. However it ends now, it leaves no outcome behind: its `jobId` is
   * free for the next caller.
   */
  cancel(reason: string): void {
    this.isCancelled = true;
    this.job.opts = { ...this.job.opts, removeOnComplete: true, removeOnFail: true };
    let value: unknown;
    try {
      value = readValue(reason);
    } catch {
      // Whatever it was, nobody waits.
    }
    this.#abort(value);
  }

  /** The worker stops. What it throws now is no failure, and another worker is to run it. */
  stop(): void {
    if (this.isCancelled) return;
    this.isStopped = true;
    this.#abort(
      new CancelledError(
        `${this.job.name} was interrupted: its worker is stopping. Another one will run it again.`,
      ),
    );
  }

  /** @throws {ExecutionError} with what the coroutine threw. */
  async run(): Promise<JobResult> {
    let found: Callable;
    let call: ReturnType<typeof readCall>;
    try {
      this.#checkBackoff();
      found = this.#workplace.registry.find(this.job.name);
      call = readCall(checkData(this.job).call);
      admitContexts(call.contexts);
    } catch (error) {
      throw this.#failure(error, true);
    }
    let result: unknown;
    try {
      result = await runInJob(this.#workplace.host, this.#served, () => invoke(found, call));
    } catch (error) {
      const isFinal = this.isCancelled || isUnrecoverable(error);
      throw this.#failure(error, isFinal);
    }
    try {
      const { name } = this.job;
      const value = writeValue(result, 'result', name, this.#workplace.sizeLimit);
      return { palitra: 1, value, ranMs: Math.round(performance.now() - this.startedAt) };
    } catch (error) {
      // It would be the same the next time.
      throw this.#failure(error, true);
    }
  }

  /** Listeners run where the coroutine does. */
  #abort(reason: unknown): void {
    const served = this.#served;
    this.#workplace.host.storage.run(served, () => served.abort(reason));
  }

  /** BullMQ finds out when the coroutine has failed, and then lets the job stall. */
  #checkBackoff(): void {
    const { backoff } = this.job.opts;
    const type = typeof backoff === 'object' ? backoff.type : 'fixed';
    if (this.#workplace.hasBackoffStrategy || BACKOFFS.includes(type)) return;
    throw new TypeError(
      `job.backoff.type is ${JSON.stringify(type)}, and this worker has no backoffStrategy: ` +
        'give serve() one, worker: { settings: { backoffStrategy } }, or write fixed or exponential.',
    );
  }

  #failure(thrown: unknown, isFinal: boolean): ExecutionError {
    if (this.isCancelled) {
      const { summary, stack } = describe(thrown);
      return new ExecutionError(writeCancellation(summary), stack, true);
    }
    trimStack(thrown);
    let text = '';
    sendOutcome(thrown, true, (value) => {
      text = writeValue(value, 'thrown', this.job.name);
    });
    const { summary, stack } = describe(thrown);
    return new ExecutionError(writeFailure(summary, text), stack, isFinal);
  }
}

function invoke(
  { parent, callee }: Callable,
  { args, contexts }: ReturnType<typeof readCall>,
): unknown {
  return runInContexts(contexts, () => Reflect.apply(callee, parent, args));
}

/** BullMQ's own way to say that trying again is of no use. */
function isUnrecoverable(thrown: unknown): boolean {
  try {
    return (thrown as Error | null | undefined)?.name === 'UnrecoverableError';
  } catch {
    return false;
  }
}

/** For people, in the log and in dashboards. Anything can be thrown, and its getters may throw as well. */
function describe(thrown: unknown): { readonly summary: string; readonly stack: string } {
  try {
    const { name, message, stack } = thrown as Error;
    const summary = thrown instanceof Error ? `${name}: ${message}` : inspect(thrown, { depth: 1 });
    return { summary, stack: typeof stack === 'string' ? stack : summary };
  } catch {
    const summary = 'something that cannot be described was thrown';
    return { summary, stack: summary };
  }
}

/** Below the coroutine stand only frames of palitra and BullMQ, which tell the user nothing. */
function trimStack(thrown: unknown): void {
  try {
    if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') return;
    const lines = thrown.stack.split('\n');
    const end = lines.findIndex((line) => line.includes(import.meta.url));
    if (end < 1) return;
    const frames = lines.slice(0, end).filter((line) => !/\bat runInContexts \(/.test(line));
    thrown.stack = frames.join('\n');
  } catch {
    // Frozen, or no ordinary property: it stays as it is.
  }
}

/** @throws {TypeError} for a job that no runner of palitra has added. */
function checkData({ data }: Job<JobData>): JobData {
  if (
    typeof data === 'object' &&
    data !== null &&
    data.palitra === 1 &&
    typeof data.call === 'string'
  ) {
    return data;
  }
  throw new TypeError('The job holds no call: it was not added by a QueueRunner of palitra.');
}
