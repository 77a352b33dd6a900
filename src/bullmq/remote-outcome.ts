import type { CallOutcome } from '../caller/pending-call.ts';
import { readValue } from './envelope.ts';
import { JobFailedError } from './errors.ts';
import type { JobOutcome } from './waiting-job.ts';

const KEY = 'palitraRemoteError';

/**
 * Carries what a coroutine threw on a worker from the loop thread to the calling thread unread: only there
 * are the user's error classes known.
 */
export class RemoteError extends Error {
  readonly [KEY]: JobOutcome;
  constructor(jobId: string, text: string) {
    super('A coroutine failed on a worker.');
    this[KEY] = { jobId, text };
  }
}

/** On the calling thread: what the worker sent, as it was there. `name`: of the function, as in `tasks#resize`. */
export function readOutcome({ isRejected, value }: CallOutcome, name: string): CallOutcome {
  if (!isRejected) return read(value as JobOutcome, isRejected, name);
  const outcome = (value as { [KEY]?: JobOutcome } | null | undefined)?.[KEY];
  return typeof outcome?.text === 'string'
    ? read(outcome, isRejected, name)
    : { isRejected, value };
}

function read({ jobId, text }: JobOutcome, isRejected: boolean, name: string): CallOutcome {
  try {
    return { isRejected, value: readValue(text) };
  } catch (error) {
    const what = isRejected ? 'error' : 'result';
    const value = new JobFailedError(
      `${name} failed as job ${jobId}: its ${what} cannot be read (${(error as Error).message}).`,
      { jobId, cause: error },
    );
    return { isRejected: true, value };
  }
}
