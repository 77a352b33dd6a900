import type { CallOutcome } from '../caller/pending-call.ts';
import { readValue } from './envelope.ts';

const KEY = 'palitraRemoteError';

/**
 * Carries what a coroutine threw on a worker from the loop thread to the calling thread unread: only there
 * are the user's error classes known.
 */
export class RemoteError extends Error {
  readonly [KEY]: string;
  constructor(text: string) {
    super('A coroutine failed on a worker.');
    this[KEY] = text;
  }
}

/** On the calling thread: what the worker sent, as it was there. */
export function readOutcome({ isRejected, value }: CallOutcome): CallOutcome {
  if (!isRejected) return { isRejected, value: readValue(value as string) };
  const text = (value as { [KEY]?: unknown } | null | undefined)?.[KEY];
  if (typeof text !== 'string') return { isRejected, value };
  return { isRejected, value: readValue(text) };
}
