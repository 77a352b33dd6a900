import { readWord } from '../wire/atomics.ts';
import { STATE, STATE_STARTING } from '../wire/layout.ts';
import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import type { LoopCondition } from './remote-loop.ts';
import { nowMs } from '../wire/clock.ts';

/** How long a loop thread may leave an abortion unread before it counts as stuck. */
export const ACKNOWLEDGE_MS = 500;
/** How long it may take to show a sign of life. One that waits for something takes a tenth of a millisecond, on a quiet machine. */
const PING_MS = 50;

/** Whether a loop thread that lives still turns: what it reads, and how soon. */
export class Responsiveness {
  readonly #control: Int32Array;
  readonly #connection: Connection;
  #abortion:
    | { readonly ticket: number; readonly sentAt: number; readonly label: string }
    | undefined;

  constructor(control: Int32Array, connection: Connection) {
    this.#control = control;
    this.#connection = connection;
  }

  /** Aborts a call, and remembers to ask whether the loop thread has noticed. */
  cancel(call: PendingCall, reason: unknown): void {
    if (call.isSettled) return;
    const ticket = this.#connection.cancel(call, reason);
    // Only the latest: it is taken after all earlier ones.
    this.#abortion = { ticket, sentAt: nowMs(), label: call.label };
  }

  condition(): LoopCondition {
    if (readWord(this.#control, STATE) === STATE_STARTING) return 'starting';
    // Asked once: when the loop computes, a thousand tasks that time out together know it from the first.
    const abortion = this.#abortion;
    const isStuck = abortion !== undefined && !this.#connection.hasTaken(abortion.ticket);
    if (isStuck || !this.#connection.ping(nowMs() + PING_MS)) return 'busy';
    return 'responding';
  }

  /** Is there one that it may not have read yet? */
  get hasUnreadAbortion(): boolean {
    return this.#abortion !== undefined;
  }

  /** The thread has begun only now: that is when its time to read an earlier abortion begins. */
  hasBegun(): void {
    if (this.#abortion !== undefined) this.#abortion = { ...this.#abortion, sentAt: nowMs() };
  }

  /** The call after whose abortion the loop did not turn for half a second, if there is one: it is stuck. */
  findStuck(): string | undefined {
    const abortion = this.#abortion;
    if (abortion === undefined) return undefined;
    if (readWord(this.#control, STATE) === STATE_STARTING) return undefined;
    const { ticket, sentAt, label } = abortion;
    if (!this.#connection.waitUntilTaken(ticket, sentAt + ACKNOWLEDGE_MS)) return label;
    // It was read, perhaps while the coroutine awaited something, and since then it may be computing.
    if (!this.#connection.ping(nowMs() + ACKNOWLEDGE_MS)) return label;
    this.#abortion = undefined;
    return undefined;
  }
}
