import type { Call } from '../coroutine.ts';
import { LoopThreadError, TimeoutError } from '../errors.ts';
import { FLAG_TASK } from '../wire/messages.ts';
import type { RemoteLoop } from './remote-loop.ts';
import type { PendingCall } from './pending-call.ts';
import { thread } from './thread.ts';
import { waitUntil, type Goal } from './wait-until.ts';
import { captureStack } from '../runtime/capture-stack.ts';
import { joinStacks } from './stack.ts';
import { nowMs } from '../wire/clock.ts';

/** When and by what a call may be ended from this side. */
export interface Limits {
  readonly timeoutMs: number;
  /** When that is over: it began before the loop thread was started, joined or replaced. On the clock of `nowMs()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- any function marks where the frames begin
export type Mark = (...args: any[]) => unknown;

/** When a timeout is over that begins now. */
export function deadlineOf(timeoutMs: number): number {
  return timeoutMs === Infinity ? Infinity : nowMs() + timeoutMs;
}

/** Sends one call, under a number that may have been reserved for it. */
export function send(loop: RemoteLoop, call: Call, flags: number, id?: number): PendingCall {
  const { connection } = loop;
  const pending = connection.stage(call, flags, id);
  try {
    connection.flush();
    connection.claim(pending);
  } catch (error) {
    connection.discard([pending]);
    throw error;
  }
  return pending;
}

/**
 * Blocks for one call, and returns its result or throws what it threw. One that a dying loop thread has never taken
 * is sent again, by `again`: it is not the call's fault.
 */
export function runCall(
  loop: RemoteLoop,
  call: Call,
  limits: Limits,
  mark: Mark,
  again?: (call: Call, limits: Limits) => unknown,
): unknown {
  const { timeoutMs, deadline, signal } = limits;
  signal?.throwIfAborted();
  const { connection } = loop;
  connection.guard?.check();
  const pending = send(loop, call, 0);
  if (signal !== undefined) pending.listenTo(signal, (reason) => abandon(loop, pending, reason));
  try {
    if (!waitUntil(pending, deadline, pending.id, signal === undefined ? 1 : 0)) {
      const what = `${pending.label} had not ended`;
      const error = timeoutError(loop, pending, what, timeoutMs, deadline);
      abandon(loop, pending, error);
    }
  } catch (error) {
    abandon(loop, pending, error);
    throw error;
  }
  connection.statistics.endRun(pending.startedAt);
  if (!pending.isRejected) return pending.value;
  if (!pending.hasBegun && pending.canBeSentAgain && again !== undefined) {
    if (connection.failure instanceof LoopThreadError) return again(call, limits);
  }
  const origin = {} as { stack: string };
  captureStack(origin, mark);
  joinStacks(pending.value, origin);
  throw pending.value;
}

/** Starts a call without waiting for it. */
export function startCall(loop: RemoteLoop, call: Call): PendingCall {
  return send(loop, call, FLAG_TASK);
}

/** Nobody waits for it any more: aborts the coroutine, and settles the call with the reason. */
export function abandon(loop: RemoteLoop, call: PendingCall, reason: unknown): void {
  if (call.isSettled) return;
  const { connection } = call;
  call.isGivenUp = true;
  connection.disclaim(call);
  loop.cancel(call, reason);
  call.settle(true, reason);
  connection.claim(call);
}

/** Blocks for a call that has been in flight: false when the deadline came first. */
export function waitForTask(
  call: PendingCall,
  goal: Goal,
  deadline: number,
  count: 0 | 1,
): boolean {
  if (Math.min(deadline, thread.deadline) === Infinity) call.refusePromises();
  return waitUntil(goal, deadline, call.id, count);
}

const CONDITIONS = {
  starting: 'The loop thread has not begun yet, which takes some hundredths of a second.',
  responding: 'The loop thread is responding: the coroutine waits for something that has not come.',
  busy: 'The loop thread is not responding: the coroutine, or another one, computes without awaiting.',
};

/** `what` took too long of what `call` is to do: longer than `deadline`, or than the call around it may take. */
export function timeoutError(
  loop: RemoteLoop,
  call: Pick<PendingCall, 'startedAt' | 'whenLate'>,
  what: string,
  timeoutMs: number,
  deadline: number,
): TimeoutError {
  const now = nowMs();
  const when =
    now < deadline ? `when the timeout of the call around it was over` : `after ${timeoutMs} ms`;
  // Work that is done further away may not have begun.
  if (call.whenLate !== undefined) return new TimeoutError(`${what} ${when}. ${call.whenLate}`);
  const ranMs = Math.round(now - call.startedAt);
  return new TimeoutError(
    `${what} ${when}; it has run for ${ranMs} ms. ${CONDITIONS[loop.condition()]} ` +
      'Its signal has been aborted: a coroutine that takes getSignal() (from palitra/loop) stops then.',
  );
}

/**
 * Calls back once with the reason; the function that is returned stops that. A getter among the arguments,
 * which has run by now, may have aborted it: nothing would be heard of that any more.
 */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  if (signal.aborted) {
    listener(signal.reason);
    return () => undefined;
  }
  const abort = (): void => listener(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
