/**
 * How a running coroutine learns that nobody waits for it: by an event in the stream of a queue beside its
 * own. BullMQ's events are read in order and from where one was, so none is lost while a worker reconnects;
 * and workers need not read the events of the queue itself.
 */
export interface CancelEvent {
  readonly jobId: string;
  /** Which call had added the job: another one may have the same `jobId` by now. */
  readonly caller: string;
  /** The reason that the signal aborts with, as text. */
  readonly reason: string;
}

export function cancelQueueName(queue: string): string {
  return `${queue}-cancel`;
}

/**
 * Comes into the stream of the queue before a job is taken back that others may be waiting for: they have
 * not given up, and add it again.
 */
export const WITHDRAWN_EVENT = 'palitra-withdrawn';

/** How many events a stream keeps, as BullMQ's own. */
export const EVENTS_KEPT = 10_000;
