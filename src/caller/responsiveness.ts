import { publishWord, readWord } from '../wire/atomics.ts';
import { nowMs } from '../wire/clock.ts';
import { GIVEN_UP, RUNNING, runningMark, STATE, STATE_STARTING } from '../wire/layout.ts';
import { isInspected } from '../runtime/inspected.ts';
import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import type { LoopCondition } from './remote-loop.ts';
import { goal, waitUntil } from './wait-until.ts';

/** How long a loop thread may leave an abort unread while it runs the code of a call that was given up. */
const GIVEN_UP_MS = 500;
/** And while it cannot be known whose code it runs: that is so after an `await`. */
const UNKNOWN_MS = 5_000;
/** How long it may take to show a sign of life. One that waits for something takes a tenth of a millisecond, on a quiet machine. */
const PING_MS = 50;

/** The latest abort, or the question after it. */
interface Asked {
  readonly ticket: number;
  readonly sentAt: number;
  /** The call that was given up. */
  readonly label: string;
}

/** Whether a loop thread that lives still turns: what it reads, how soon, and whose code keeps it from that. */
export class Responsiveness {
  readonly #control: Int32Array;
  readonly #connection: Connection;
  /** The number of this thread's channel on the loop thread. */
  readonly #channel: number;
  /** Those that the loop thread may not have read of, by their marks. */
  readonly #givenUp = new Set<number>();
  #asked: Asked | undefined;
  /** Whose code it ran at the last look, and since when as far as is known. */
  #running = 0;
  #runningSince = 0;
  /** It has read the abort: does it still turn after that? */
  #isFollowUp = false;

  constructor(control: Int32Array, connection: Connection, channel: number) {
    this.#control = control;
    this.#connection = connection;
    this.#channel = channel;
  }

  /** Aborts a call, and remembers to ask whether the loop thread has noticed. */
  cancel(call: PendingCall, reason: unknown): void {
    const ticket = this.#connection.cancel(call, reason);
    this.#givenUp.add(runningMark(this.#channel, call.id));
    // Only the latest: it is taken after all earlier ones.
    this.#ask(ticket, call.label, false);
    this.#look();
  }

  condition(): LoopCondition {
    if (readWord(this.#control, STATE) === STATE_STARTING) return 'starting';
    // Asked once: when the loop computes, a thousand tasks that time out together know it from the first.
    const asked = this.#asked;
    const isBusy = asked !== undefined && !this.#connection.hasTaken(asked.ticket);
    if (isBusy) return 'busy';
    const ticket = this.#connection.ping();
    return this.#connection.isTakenWithin(ticket, PING_MS) ? 'responding' : 'busy';
  }

  /**
   * Blocks until the loop thread can take another call: until it has read that calls were given up, and turns
   * after that. The label of the call that keeps it from that when it is stuck.
   */
  untilTurning(deadline: number): string | undefined {
    if (this.#asked === undefined) return undefined;
    let stuck: string | undefined;
    const isKnown = (): boolean => {
      if (this.#connection.failure !== undefined || this.#isTurning()) return true;
      stuck = this.stuck;
      return stuck !== undefined;
    };
    waitUntil(goal(isKnown, { pollMs: 0.1 }), deadline);
    return stuck;
  }

  /** Is there something that it may not have read? */
  get isWaiting(): boolean {
    return this.#asked !== undefined;
  }

  /** The call that was given up and keeps the loop thread from turning for too long, if it is known by now. */
  get stuck(): string | undefined {
    const asked = this.#asked;
    if (asked === undefined || this.#isTurning()) return undefined;
    if (readWord(this.#control, STATE) === STATE_STARTING) {
      // It begins with what it has been sent, and only then reads that this was given up.
      this.#asked = { ...asked, sentAt: nowMs() };
      return undefined;
    }
    this.#look();
    const running = this.#running;
    const limitMs =
      running === 0
        ? UNKNOWN_MS
        : running === readWord(this.#control, GIVEN_UP)
          ? GIVEN_UP_MS
          : // A right computation, which nobody has given up.
            Infinity;
    const since = Math.max(asked.sentAt, this.#runningSince);
    if (nowMs() - since < limitMs || isInspected()) return undefined;
    return asked.label;
  }

  /** Has it read all that it was to read? When it has read an abort, it is asked once more: it may compute since. */
  #isTurning(): boolean {
    const asked = this.#asked;
    if (asked === undefined) return true;
    if (!this.#connection.hasTaken(asked.ticket)) return false;
    if (!this.#isFollowUp && this.#connection.failure === undefined) {
      this.#ask(this.#connection.ping(), asked.label, true);
      return false;
    }
    this.#asked = undefined;
    this.#givenUp.clear();
    return true;
  }

  #ask(ticket: number, label: string, isFollowUp: boolean): void {
    this.#asked = { ticket, sentAt: nowMs(), label };
    this.#isFollowUp = isFollowUp;
  }

  /** Looks whose code is running. Other callers do not know what this thread has given up. */
  #look(): void {
    const running = readWord(this.#control, RUNNING);
    if (running !== this.#running) {
      this.#running = running;
      this.#runningSince = nowMs();
    }
    if (this.#givenUp.has(running)) publishWord(this.#control, GIVEN_UP, running);
  }
}
