import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call } from '../coroutine.ts';
import { CancelledError } from '../errors.ts';
import { nowMs } from '../wire/clock.ts';
import type { Connection } from './connection.ts';
import { debugOutcome, isDebugging } from './debug.ts';
import { abandon, onAbort } from './execute.ts';
import type { Delivery } from './receive.ts';
import { thread } from './thread.ts';
import type { Goal } from './wait-until.ts';

/** How a call ended. */
export interface CallOutcome {
  readonly isRejected: boolean;
  /** The result, or what was thrown. */
  readonly value: unknown;
}

export type OutcomeReader = (outcome: CallOutcome) => CallOutcome;

/** Runs a function in the async context of another place. */
type Snapshot = <R>(body: () => R) => R;

/** A call that has been sent, up to the moment when its outcome is known. */
export class PendingCall implements Goal, Delivery {
  readonly id: number;
  readonly label: string;
  readonly connection: Connection;
  readonly startedAt: number = nowMs();
  /** Where it was made, for calls that nobody is blocked for. */
  origin: { readonly stack?: string } | undefined;
  /**
   * The runner of a task or an iteration in flight, which is not forgotten before that has ended: a server
   * may go on running though nobody holds anything of it.
   */
  holder: object | undefined;
  /** Does somebody await it in the event loop of this thread? */
  isAwaited = false;
  /** Does it end by itself, by a timeout or a signal? */
  isBounded = false;
  isSettled = false;
  isRejected = false;
  /** Did its caller end it, and not its outcome? */
  isGivenUp = false;
  /** The result, or what was thrown. */
  value: unknown = undefined;
  /** Called once, when the outcome is known. */
  observer: ((call: PendingCall) => void) | undefined;
  /** Callbacks of it that have returned promises which have not settled. */
  unanswered: Set<{ refuse(): void }> | undefined;
  /** Called when the coroutine calls `started(value)`. */
  onStarted: ((value: unknown) => void) | undefined;
  /** Called with the next items of a stream. */
  onItems: ((items: unknown[]) => void) | undefined;
  /** The one before it of those that nobody waits for yet. */
  stagedAfter: PendingCall | undefined;
  /** That of its message, to be asked about. */
  ticket = 0;
  /** Is all of it still here, and nothing of it moved away? */
  canBeSentAgain = false;
  /** Had the loop thread taken its message when the connection failed? Else nothing of it has happened. */
  hasBegun = true;
  /** Numbers of the functions among its arguments. */
  lent: readonly number[] | undefined;
  /** Where it was made, for its callbacks. */
  context: Snapshot | undefined;

  /** What to say when it takes too long, instead of how the loop thread is. */
  readonly whenLate: string | undefined;
  readonly #receive: OutcomeReader | undefined;
  #stopListening: (() => void) | undefined;

  readonly runsUserCode = false;
  readonly pollMs = undefined;

  constructor(id: number, { target, receive, whenLate }: Call, connection: Connection) {
    this.id = id;
    this.label = target.label;
    this.connection = connection;
    this.whenLate = whenLate;
    this.#receive = receive;
  }

  get node(): number {
    return this.connection.guard?.node ?? 0;
  }

  waitsFor(call: object): boolean {
    return call === this;
  }

  /** As if it had been cancelled. */
  cutOff(): void {
    abandon(
      this.connection.loop,
      this,
      new CancelledError(
        `${this.label} was cancelled: the code that waited for it was cut off, by the timeout of node:vm or by Ctrl-C.`,
      ),
    );
  }

  /** Functions have been given away with it. */
  lend(ids: readonly number[]): void {
    this.lent = ids;
    this.context = AsyncLocalStorage.snapshot();
  }

  /** Listens to its signal until it has settled. Who waits for it could not end that: it may be cut off. */
  listenTo(signal: AbortSignal, listener: (reason: unknown) => void): void {
    const stop = onAbort(signal, listener);
    if (!this.isSettled) this.#stopListening = stop;
  }

  /** This thread blocks for it until it has ended: what its callbacks have promised could not come any more. */
  refusePromises(): void {
    for (const invocation of this.unanswered ?? []) invocation.refuse();
  }

  settle(isRejected: boolean, value: unknown): void {
    this.record(isRejected, value);
    this.deliver();
  }

  /** The outcome is known, and nobody has been told. */
  record(isRejected: boolean, value: unknown): void {
    if (this.isSettled) return;
    this.isRejected = isRejected;
    this.value = value;
    if (this.#receive !== undefined) this.#read(this.#receive);
    this.isSettled = true;
    if (isDebugging) debugOutcome(this);
  }

  deliver(): void {
    const { observer } = this;
    this.connection.forget(this);
    // Nearly every call is one that its caller is blocked for, and no more.
    const isPlain =
      observer === undefined &&
      this.holder === undefined &&
      this.context === undefined &&
      this.#stopListening === undefined;
    if (isPlain) return;
    // Whoever holds a task that has ended holds its outcome, and nothing else.
    this.holder = undefined;
    this.origin = undefined;
    this.observer = undefined;
    this.onStarted = undefined;
    this.onItems = undefined;
    this.unanswered = undefined;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.context = undefined;
    observer?.(this);
  }

  #read(receive: OutcomeReader): void {
    try {
      ({ isRejected: this.isRejected, value: this.value } = thread.runUserCode(() =>
        receive(this),
      ));
    } catch (error) {
      this.isRejected = true;
      this.value = error;
    }
  }
}
