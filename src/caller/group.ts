import type { Call } from '../coroutine.ts';
import { captureStack } from '../runtime/capture-stack.ts';
import { nowMs } from '../wire/clock.ts';
import { abandon, onAbort, send, timeoutError, type Limits, type Mark } from './execute.ts';
import type { Connection } from './connection.ts';
import type { CallOutcome, PendingCall } from './pending-call.ts';
import type { RemoteLoop } from './remote-loop.ts';
import { joinStacks } from './stack.ts';
import { thread, type Frame } from './thread.ts';
import { waitUntil, type Goal } from './wait-until.ts';

/** So many calls of a group take longer to write than the loop thread looks for news before it sleeps. */
const CALLS_PER_WAKE = 128;

/** How the calls of a group belong together. */
export interface GroupRules {
  /** How many may be in flight at once; undefined: all of them, which are then sent together or not at all. */
  readonly concurrency: number | undefined;
  /** Does the first failure in time end the group? */
  readonly failsFast: boolean;
}

/** The calls of a `gather`, which are started in order and waited for together. */
class Group implements Goal {
  failure: { readonly error: unknown } | undefined;
  /** Those that have been started, and the outcome of each whose arguments could not be sent. */
  readonly outcomes: (PendingCall | CallOutcome)[] = [];
  readonly started: PendingCall[] = [];
  readonly first: number;
  readonly runsUserCode = false;
  readonly pollMs = undefined;
  stopListening: (() => void) | undefined;
  readonly #loop: RemoteLoop;
  readonly #calls: readonly Call[];
  readonly #rules: GroupRules;
  #ended = 0;

  constructor(loop: RemoteLoop, calls: readonly Call[], rules: GroupRules) {
    this.#loop = loop;
    this.#calls = calls;
    this.#rules = rules;
    // In a row, whatever a getter among the arguments calls meanwhile: so they are announced (see `waitUntil`).
    this.first = loop.connection.reserve(calls.length);
  }

  get connection(): Connection {
    return this.#loop.connection;
  }

  get node(): number {
    return this.connection.guard?.node ?? 0;
  }

  waitsFor(call: object): boolean {
    return this.started.includes(call as PendingCall);
  }

  cutOff(): void {
    this.stopListening?.();
    for (const call of this.started) call.cutOff();
  }

  get isOver(): boolean {
    return this.failure !== undefined || this.#ended === this.#calls.length;
  }

  /** Is it over, or is there room for another one? A blocked caller waits for either. */
  get isSettled(): boolean {
    return this.isOver || this.#hasRoom;
  }

  get unfinished(): number {
    return this.#calls.length - this.#ended;
  }

  /** As many as there is room for. */
  start(): void {
    if (this.#rules.concurrency === undefined) this.#startAll();
    else while (!this.isOver && this.#hasRoom) this.#startNext();
  }

  /** The first failure in time is the one that counts. */
  fail(error: unknown): void {
    this.failure ??= { error };
  }

  giveUp(reason: unknown): void {
    for (const call of this.started) call.observer = undefined;
    for (const call of this.started) abandon(this.#loop, call, reason);
  }

  get #hasRoom(): boolean {
    const { length } = this.outcomes;
    const { concurrency = Infinity } = this.#rules;
    return length < this.#calls.length && length - this.#ended < concurrency;
  }

  #startAll(): void {
    const { connection } = this.#loop;
    const staged: PendingCall[] = [];
    try {
      for (const call of this.#calls) {
        staged.push(connection.stage(call, 0, this.first + staged.length));
        // It wakes up while the rest is written, and then looks for it.
        if (staged.length % CALLS_PER_WAKE === 0) connection.wakeLoop();
      }
      connection.flush();
    } catch (error) {
      connection.discard(staged);
      throw error;
    }
    connection.claim(staged[0]!, staged);
    for (const call of staged) this.#add(call);
  }

  /** By itself, so that arguments that cannot be sent are the failure of this one only. */
  #startNext(): void {
    const index = this.outcomes.length;
    let call: PendingCall;
    try {
      call = send(this.#loop, this.#calls[index]!, 0, this.first + index);
    } catch (error) {
      const outcome = { isRejected: true, value: error };
      this.outcomes.push(outcome);
      this.#end(outcome);
      return;
    }
    this.#add(call);
  }

  #add(call: PendingCall): void {
    this.outcomes.push(call);
    this.started.push(call);
    // One of a group within a getter may have gone out by itself, and ended while another was written.
    if (call.isSettled) this.#end(call);
    else call.observer = (ended) => this.#end(ended);
  }

  #end({ isRejected, value }: CallOutcome): void {
    this.#ended += 1;
    if (isRejected && this.#rules.failsFast) this.fail(value);
  }
}

/** Blocks for all calls together: their outcomes in order, or throws what ends the group before. */
export function gatherCalls(
  loop: RemoteLoop,
  calls: readonly Call[],
  limits: Limits,
  rules: GroupRules,
  mark: Mark,
): readonly CallOutcome[] {
  const { deadline, signal } = limits;
  signal?.throwIfAborted();
  if (calls.length === 0) return [];
  loop.connection.guard?.check();
  const group = new Group(loop, calls, rules);
  const count = signal === undefined ? calls.length : 0;
  const depth = thread.enter(betweenWaits(group), deadline);
  try {
    group.start();
    if (signal !== undefined) group.stopListening = onAbort(signal, (reason) => group.fail(reason));
    while (!group.isOver) {
      const isInTime = waitUntil(group, deadline, group.first, count);
      if (group.isOver) break;
      // Where there is always room at once, nobody else would look at the clock.
      if (isInTime && nowMs() < thread.deadline) group.start();
      else group.fail(lateError(loop, group, calls.length, limits));
    }
  } catch (error) {
    group.giveUp(error);
    throw error;
  } finally {
    thread.leave(depth);
    group.stopListening?.();
  }
  if (group.failure === undefined) return group.outcomes;
  const { error } = group.failure;
  group.giveUp(error);
  const origin = {} as { stack: string };
  captureStack(origin, mark);
  joinStacks(error, origin);
  throw error;
}

/** Calls are started between two waits, and getters among their arguments may run code of the user's. */
function betweenWaits(group: Group): Frame {
  return { runsUserCode: true, node: 0, waitsFor: () => false, cutOff: () => group.cutOff() };
}

function lateError(
  loop: RemoteLoop,
  group: Group,
  size: number,
  { timeoutMs, deadline }: Limits,
): Error {
  const what = `${group.unfinished} of the ${size} coroutines of a gather had not ended`;
  const first = group.started[0] ?? { startedAt: nowMs(), whenLate: undefined };
  return timeoutError(loop, first, what, timeoutMs, deadline);
}
