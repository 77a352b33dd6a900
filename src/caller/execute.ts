import type { Call } from '../coroutine.ts';
import { TimeoutError } from '../errors.ts';
import { FLAG_TASK } from '../wire/messages.ts';
import type { RemoteLoop } from './remote-loop.ts';
import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import { waitUntil, type Goal } from './wait-until.ts';
import { captureStack } from '../runtime/capture-stack.ts';
import { joinStacks } from './stack.ts';
import { nowMs } from '../wire/clock.ts';

/** So many calls of a group take longer to write than the loop thread looks for news before it sleeps. */
const CALLS_PER_WAKE = 128;

/** When and by what a call may be ended from this side. */
export interface Limits {
  readonly timeoutMs: number;
  /** When that is over: it began before the loop thread was started, joined or replaced. On the clock of `nowMs()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- any function marks where the frames begin
type Mark = (...args: any[]) => unknown;

/** When a timeout is over that begins now. */
export function deadlineOf(timeoutMs: number): number {
  return timeoutMs === Infinity ? Infinity : nowMs() + timeoutMs;
}

/** Sends one call. */
export function send(loop: RemoteLoop, call: Call, flags: number): PendingCall {
  const { connection } = loop;
  const pending = connection.stage(call, flags);
  try {
    connection.flush();
    connection.claim(pending);
  } catch (error) {
    connection.discard([pending]);
    throw error;
  }
  return pending;
}

/** Blocks for one call, and returns its result or throws what it threw. */
export function runCall(loop: RemoteLoop, call: Call, limits: Limits, mark: Mark): unknown {
  const { timeoutMs, deadline, signal } = limits;
  signal?.throwIfAborted();
  const { connection } = loop;
  connection.guard?.check();
  const pending = send(loop, call, 0);
  const stopListening =
    signal === undefined ? undefined : onAbort(signal, (reason) => abandon(loop, pending, reason));
  try {
    if (!waitUntil(pending, deadline, pending.id, signal === undefined ? 1 : 0)) {
      const what = `${pending.label} had not ended`;
      const error = timeoutError(loop, pending, what, timeoutMs, deadline);
      abandon(loop, pending, error);
    }
  } catch (error) {
    abandon(loop, pending, error);
    throw error;
  } finally {
    stopListening?.();
  }
  connection.statistics.endRun(pending.startedAt);
  if (!pending.isRejected) return pending.value;
  const origin = {} as { stack: string };
  captureStack(origin, mark);
  joinStacks(pending.value, origin);
  throw pending.value;
}

/** The calls of a `gather`, waited for together. */
class Group implements Goal {
  isSettled = false;
  failure: { readonly error: unknown } | undefined;
  readonly calls: PendingCall[];
  readonly connection: Connection;
  readonly runsUserCode = false;
  readonly pollMs = undefined;
  #remaining: number;

  constructor(connection: Connection, calls: PendingCall[], returnsExceptions: boolean) {
    this.connection = connection;
    this.calls = calls;
    this.#remaining = calls.length;
    const observe = (call: PendingCall): void => {
      this.#remaining -= 1;
      if (call.isRejected && !returnsExceptions) this.fail(call.value);
      else if (this.#remaining === 0) this.isSettled = true;
    };
    for (const call of calls) {
      // One of a group within a getter may have gone out by itself, and ended while another was written.
      if (call.isSettled) observe(call);
      else call.observer = observe;
    }
  }

  get node(): number {
    return this.connection.guard?.node ?? 0;
  }

  waitsFor(call: object): boolean {
    return this.calls.includes(call as PendingCall);
  }

  cutOff(): void {
    for (const call of this.calls) call.cutOff();
  }

  /** The first failure in time is the one that counts. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.isSettled = true;
  }
}

/** Blocks for all calls together: their results in order, or the first failure in time. */
export function gatherCalls(
  loop: RemoteLoop,
  calls: readonly Call[],
  limits: Limits,
  returnsExceptions: boolean,
  mark: Mark,
): unknown[] {
  const { timeoutMs, deadline, signal } = limits;
  signal?.throwIfAborted();
  if (calls.length === 0) return [];
  const { connection } = loop;
  connection.guard?.check();
  const staged: PendingCall[] = [];
  // In a row, whatever a getter among the arguments calls meanwhile: so they are announced (see `Wait`).
  const first = connection.reserve(calls.length);
  try {
    for (const call of calls) {
      staged.push(connection.stage(call, 0, first + staged.length));
      // It wakes up while the rest is written, and then looks for it.
      if (staged.length % CALLS_PER_WAKE === 0) connection.wakeLoop();
    }
    connection.flush();
  } catch (error) {
    connection.discard(staged);
    throw error;
  }
  const group = new Group(connection, staged, returnsExceptions);
  connection.claim(staged[0]!);
  const stopListening =
    signal === undefined ? undefined : onAbort(signal, (reason) => group.fail(reason));
  try {
    const count = signal === undefined ? staged.length : 0;
    if (!waitUntil(group, deadline, first, count)) {
      group.fail(
        timeoutError(
          loop,
          staged[0]!,
          `${unfinished(staged)} of the ${calls.length} coroutines of a gather had not ended`,
          timeoutMs,
          deadline,
        ),
      );
    }
  } catch (error) {
    for (const call of staged) abandon(loop, call, error);
    throw error;
  } finally {
    stopListening?.();
  }
  if (group.failure === undefined) return staged.map((call) => call.value);
  const { error } = group.failure;
  for (const call of staged) call.observer = undefined;
  for (const call of staged) abandon(loop, call, error);
  const origin = {} as { stack: string };
  captureStack(origin, mark);
  joinStacks(error, origin);
  throw error;
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

const CONDITIONS = {
  starting: 'The loop thread has not begun yet, which takes some hundredths of a second.',
  responding: 'The loop thread is responding: the coroutine waits for something that has not come.',
  busy: 'The loop thread is not responding: the coroutine, or another one, computes without awaiting.',
};

/** `what` took too long of what `call` is to do: longer than `deadline`, or than the call around it may take. */
export function timeoutError(
  loop: RemoteLoop,
  call: PendingCall,
  what: string,
  timeoutMs: number,
  deadline: number,
): TimeoutError {
  const now = nowMs();
  const ranMs = Math.round(now - call.startedAt);
  const when =
    now < deadline ? `when the timeout of the call around it was over` : `after ${timeoutMs} ms`;
  return new TimeoutError(
    `${what} ${when}; it has run for ${ranMs} ms. ${call.whenLate ?? CONDITIONS[loop.condition()]} ` +
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

function unfinished(calls: readonly PendingCall[]): number {
  return calls.filter((call) => !call.isSettled).length;
}
