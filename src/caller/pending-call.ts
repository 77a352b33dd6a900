import type { Call } from '../coroutine.ts';
import { nowMs } from '../wire/clock.ts';
import { debugOutcome, isDebugging } from './debug.ts';

/** Something a blocked caller waits for. */
export interface Waitable {
  readonly isSettled: boolean;
}

/** How a call ended. */
export interface CallOutcome {
  readonly isRejected: boolean;
  /** The result, or what was thrown. */
  readonly value: unknown;
}

export type OutcomeReader = (outcome: CallOutcome) => CallOutcome;

/** A call that has been sent, up to the moment when its outcome is known. */
export class PendingCall implements Waitable {
  readonly id: number;
  readonly label: string;
  readonly startedAt: number = nowMs();
  /** Where it was made, for calls that nobody is blocked for. */
  origin: { readonly stack?: string } | undefined;
  /**
   * The runner of a task or an iteration in flight, which is not forgotten before that has ended: a server
   * may go on running though nobody holds anything of it.
   */
  holder: object | undefined;
  isSettled = false;
  isRejected = false;
  /** The result, or what was thrown. */
  value: unknown = undefined;
  /** Called once, when the outcome is known. */
  observer: ((call: PendingCall) => void) | undefined;
  /** Called when the coroutine calls `started(value)`. */
  onStarted: ((value: unknown) => void) | undefined;
  /** Called with the next items of a stream. */
  onItems: ((items: unknown[]) => void) | undefined;
  /** Numbers of the functions among its arguments. */
  lent: readonly number[] | undefined;

  /** What to say when it takes too long, instead of how the loop thread is. */
  readonly whenLate: string | undefined;
  readonly #receive: OutcomeReader | undefined;

  constructor(id: number, { target, receive, whenLate }: Call) {
    this.id = id;
    this.label = target.label;
    this.whenLate = whenLate;
    this.#receive = receive;
  }

  settle(isRejected: boolean, value: unknown): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.isRejected = isRejected;
    this.value = value;
    if (this.#receive !== undefined) this.#read(this.#receive);
    if (isDebugging) debugOutcome(this);
    const { observer } = this;
    // Whoever holds a task that has ended holds its outcome, and nothing else.
    this.holder = undefined;
    this.origin = undefined;
    this.observer = undefined;
    this.onStarted = undefined;
    this.onItems = undefined;
    observer?.(this);
  }

  #read(receive: OutcomeReader): void {
    try {
      ({ isRejected: this.isRejected, value: this.value } = receive(this));
    } catch (error) {
      this.isRejected = true;
      this.value = error;
    }
  }
}
