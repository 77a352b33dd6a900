import { DeadlockError } from '../errors.ts';
import { publishWord, sleepWhile } from '../wire/atomics.ts';
import {
  BLOCKED_COUNT,
  BLOCKED_ON,
  CALLER_ASLEEP,
  CALLER_AWAY,
  CALLER_LOOKING,
  CALLER_STATE,
  REPLIES,
} from '../wire/layout.ts';
import { queueMicrotask } from '../wire/natives.ts';
import type { Spinner } from '../wire/spin.ts';
import type { Connection } from './connection.ts';
import type { DeadlockGuard } from './deadlock.ts';
import { attendIfDue, attendToDuties } from './duties.ts';
import type { Waitable } from './pending-call.ts';
import { receive } from './receive.ts';
import { nowMs } from '../wire/clock.ts';

/** How long a blocked caller sleeps before it looks whether the loop thread still lives. */
const SLICE_MS = 100;

/**
 * How a calling thread waits. It is in one of three states, which the loop thread reads after it has
 * published something: **away**, in code of its own; **looking**, so that it will see the new number by
 * itself; **asleep**, so that it must be notified.
 *
 * A thread that waits for one reply, which nobody would announce, looks for it without saying so: both
 * words would have to travel to the loop thread and back in every call.
 */
export class Wait {
  readonly #connection: Connection;
  readonly #words: Int32Array;
  readonly #spinner: Spinner;
  /** Only on a loop thread, for which others may be blocked. */
  readonly #guard: DeadlockGuard | undefined;
  #depth = 0;
  /** Does CALLER_STATE say so, or is this thread still `away` as far as the loop thread knows? */
  #isLooking = false;
  #firstCall = 0;
  #callCount = 0;

  constructor(
    connection: Connection,
    words: Int32Array,
    spinner: Spinner,
    guard: DeadlockGuard | undefined,
  ) {
    this.#connection = connection;
    this.#words = words;
    this.#spinner = spinner;
    this.#guard = guard;
  }

  /**
   * To be asked before what is to be waited for is sent.
   *
   * @throws {DeadlockError} when the loop thread is blocked for this one.
   */
  checkForDeadlock(): void {
    this.#guard?.check();
  }

  /** Is this thread blocked for this loop thread, perhaps in a callback of it? */
  get isBlocked(): boolean {
    return this.#depth > 0;
  }

  /**
   * Blocks until it is settled, and meanwhile executes callbacks; false when the deadline came first.
   * Everybody who can end the sleep: the loop thread by a reply, or by its closed bit as it ends; and
   * this thread itself, which looks after every slice whether the other one is still there.
   *
   * `firstCall` and `callCount` tell the loop thread which calls would have to end for this thread to go
   * on. With a deadline, or a signal that may abort (a count of 0), it goes on by itself.
   *
   * @throws {DeadlockError} when the loop thread is blocked for this one.
   */
  block(waitable: Waitable, deadline: number, firstCall = 0, callCount = 0): boolean {
    const connection = this.#connection;
    const { inbox } = connection;
    const outerFirst = this.#firstCall;
    const outerCount = this.#callCount;
    const count = deadline === Infinity ? callCount : 0;
    const outerWait = this.#guard?.enter() ?? 0;
    // Others than this reply would be announced to a thread that is away, in vain.
    if (connection.calls.size > 1 || connection.values.hasCallbacks) this.#look();
    this.#depth += 1;
    // REPLY_SEQ is left alone at first: what the ring shows is enough for most replies.
    let hasNews = inbox.mayHaveNews;
    try {
      for (;;) {
        attendIfDue();
        if (hasNews) {
          // From here to the next announcement this thread may call the loop again.
          this.#announce(0, 0);
          receive(connection, waitable);
        }
        if (waitable.isSettled) return true;
        if (connection.failure !== undefined) throw connection.failure;
        if (deadline !== Infinity && nowMs() >= deadline && !inbox.hasNews) return false;
        hasNews = inbox.mayHaveNews || this.#spinner.untilNews(inbox, deadline);
        if (hasNews) continue;
        if (count > 0 && this.#callCount === 0) {
          this.#announce(firstCall, count);
          // It may have gone to sleep while this thread could still call it: it has to look around again.
          connection.wakeLoop();
        }
        this.#sleep(waitable, deadline);
        hasNews = inbox.hasNews;
      }
    } finally {
      this.#depth -= 1;
      this.#guard?.leave(outerWait);
      this.#announce(outerFirst, outerCount);
      if (this.#depth === 0) this.#leave();
    }
  }

  /**
   * Blocks until the loop thread has said that it ends, or until the deadline. Not at all when the loop
   * thread is blocked for this one: it could not clean up before this one goes on.
   */
  untilEnd(deadline: number): void {
    const end: Waitable = { isSettled: false };
    try {
      this.block(end, deadline);
    } catch (error) {
      if (error !== this.#connection.failure && !(error instanceof DeadlockError)) throw error;
    }
  }

  /** Blocks until nothing is in flight any more, or until the deadline. As {@link untilEnd} otherwise. */
  untilIdle(deadline: number): void {
    const { calls } = this.#connection;
    const idle: Waitable = {
      get isSettled() {
        return calls.size === 0;
      },
    };
    if (this.#connection.failure !== undefined) return;
    try {
      this.block(idle, deadline);
    } catch (error) {
      if (!(error instanceof DeadlockError)) throw error;
    }
  }

  /** Announce first, look again after (`sleepWhile` compares the number as it falls asleep). */
  #sleep(waitable: Waitable, deadline: number): void {
    const { inbox, loop } = this.#connection;
    let now = nowMs();
    while (now < deadline) {
      publishWord(this.#words, CALLER_STATE, CALLER_ASLEEP);
      const { sequence } = inbox;
      if (inbox.isAhead(sequence)) break;
      sleepWhile(this.#words, REPLIES.seq, sequence, Math.min(SLICE_MS, deadline - now));
      now = nowMs();
      if (inbox.isAhead(inbox.sequence)) break;
      attendToDuties();
      // A callback of another loop thread may have run, have been blocked here, and have taken the reply.
      if (waitable.isSettled) break;
      const death = loop.checkDeath();
      if (death !== undefined) {
        // Its last words may have come in between.
        receive(this.#connection);
        this.#connection.fail(death);
        break;
      }
    }
    this.#look();
  }

  #look(): void {
    this.#isLooking = true;
    publishWord(this.#words, CALLER_STATE, CALLER_LOOKING);
  }

  /** Back to the caller's own code. What arrived in the last moment nobody announces a second time. */
  #leave(): void {
    if (this.#isLooking) {
      this.#isLooking = false;
      publishWord(this.#words, CALLER_STATE, CALLER_AWAY);
      if (this.#connection.inbox.hasNews) queueMicrotask(() => receive(this.#connection));
    }
    this.#connection.loop.afterWait();
  }

  #announce(firstCall: number, callCount: number): void {
    if (callCount === this.#callCount && firstCall === this.#firstCall) return;
    this.#firstCall = firstCall;
    this.#callCount = callCount;
    publishWord(this.#words, BLOCKED_ON, firstCall);
    publishWord(this.#words, BLOCKED_COUNT, callCount);
  }
}
