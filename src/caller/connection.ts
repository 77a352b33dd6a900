import type { Call } from '../coroutine.ts';
import { publishWord, readWord, setBits, sleepMs, swapWord } from '../wire/atomics.ts';
import { currentContexts, writeContexts } from '../wire/contexts.ts';
import type { Encoder } from '../wire/encode.ts';
import { InFlight } from '../wire/in-flight.ts';
import { Inbox } from '../wire/inbox.ts';
import { AWAY_WOKEN, CALLS, CLOSED_BIT, LOOP_SLEEPS, REPLIES } from '../wire/layout.ts';
import {
  CALL,
  CANCEL,
  CLOSE,
  FLAG_CONSTRUCT,
  FLAG_CONTEXT,
  PING,
  RELEASE_HANDLE,
} from '../wire/messages.ts';
import { Outbox } from '../wire/outbox.ts';
import type { ChannelEnds } from '../wire/ports.ts';
import type { Spinner } from '../wire/spin.ts';
import type { DeadlockGuard } from './deadlock.ts';
import { PendingCall } from './pending-call.ts';
import type { RemoteLoop } from './remote-loop.ts';
import { receive } from './receive.ts';
import type { Statistics } from './statistics.ts';
import { TargetNumbers, writeTarget } from './targets.ts';
import { CallerValues } from './values.ts';
import { Wait } from './wait.ts';
import { nowMs } from '../wire/clock.ts';

/** How long this side looks for a reply before it sleeps. Longer than a wake-up takes. */
export const SPIN_MS = 0.2;

/** A calling thread's end of the channel to one loop thread. */
export class Connection {
  readonly values: CallerValues;
  readonly calls: InFlight<PendingCall> = new InFlight();
  readonly loop: RemoteLoop;
  readonly statistics: Statistics;
  /** The runner, which must not be forgotten as long as somebody holds a handle or an iterator of it. */
  holder: WeakRef<object> | undefined;
  /** Why this connection is of no use any more. */
  failure: Error | undefined;
  /** Handles to objects on the loop thread that this thread has and has not disposed of. */
  handlesHeld = 0;
  readonly inbox: Inbox;
  /** How this thread waits for what it needs from here. */
  readonly wait: Wait;
  readonly #outbox: Outbox;
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  readonly #ends: ChannelEnds;
  readonly #targets = new TargetNumbers();
  #lastCall = 0;
  #holds = 0;

  constructor(
    control: Int32Array,
    ends: ChannelEnds,
    spinner: Spinner,
    loop: RemoteLoop,
    statistics: Statistics,
    guard: DeadlockGuard | undefined,
  ) {
    this.statistics = statistics;
    this.values = new CallerValues(this);
    this.loop = loop;
    this.#control = control;
    this.#words = new Int32Array(ends.memory);
    this.#outbox = new Outbox(ends.memory, CALLS, ends.data, this.values);
    this.inbox = new Inbox(ends.memory, REPLIES, ends.data, this.values);
    this.wait = new Wait(this, this.#words, spinner, guard);
    this.#ends = ends;
    ends.wake.onWake(this.#onWake);
    // Nothing that happens on the loop thread keeps this process alive, unless somebody awaits it.
    ends.wake.unref();
  }

  /**
   * Writes a call; it goes out with the next {@link flush}.
   *
   * @throws {UncloneableError} when an argument cannot cross. All that was staged is given up then.
   */
  stage(call: Call, flags: number, id: number = this.reserve(1)): PendingCall {
    const { target, args, isConstruction } = call;
    const outbox = this.#outbox;
    const encoder = outbox.open();
    const { lent } = encoder;
    encoder.takesCallbacks = true;
    const pending = new PendingCall(id, call);
    try {
      encoder.u8(CALL);
      encoder.varint(pending.id);
      const contexts = currentContexts();
      let allFlags = isConstruction ? flags | FLAG_CONSTRUCT : flags;
      if (contexts !== undefined) allFlags |= FLAG_CONTEXT;
      writeTarget(encoder, target, this.#targets, allFlags);
      if (contexts !== undefined) writeContexts(encoder, contexts);
      encoder.varint(args.length);
      for (let index = 0; index < args.length; index++) {
        encoder.root(args[index], 'arguments', index);
      }
      if (lent.length > 0) pending.lent = lent;
      // A getter among the arguments may have closed the runner, or lost the loop thread.
      if (this.failure !== undefined) throw this.failure;
      outbox.close(encoder);
    } catch (error) {
      outbox.rollback(encoder);
      this.#targets.rollback();
      this.values.takeBack(lent);
      throw error;
    }
    this.calls.add(pending);
    this.statistics.calls += 1;
    return pending;
  }

  /** Numbers for so many calls, one after the other; the first of them. */
  reserve(count: number): number {
    const first = (this.#lastCall + 1) >>> 0;
    this.#lastCall = (this.#lastCall + count) >>> 0;
    return first;
  }

  /**
   * Makes what was staged visible to the loop thread, and wakes that if it sleeps.
   *
   * @throws {UncloneableError} when the platform refuses a value. Nothing has been sent then.
   */
  flush(): void {
    if (this.#outbox.publish()) {
      this.#targets.commit();
      this.values.signals.afterPublish();
    }
    this.wakeLoop();
  }

  /** Gives up calls that were staged and are not to be sent after all. */
  discard(calls: readonly PendingCall[]): void {
    this.#targets.rollback();
    this.statistics.calls -= calls.length;
    for (const call of calls) {
      this.calls.delete(call.id);
      if (call.lent !== undefined) this.values.takeBack(call.lent);
    }
  }

  forget(call: PendingCall): void {
    this.calls.delete(call.id);
    if (call.lent !== undefined) this.values.endCall(call.lent);
  }

  /** Aborts the coroutine's signal. Its outcome, if any comes, is dropped. Returns the ticket to ask about. */
  cancel(call: PendingCall, reason: unknown): number {
    this.forget(call);
    if (this.failure === undefined) {
      try {
        this.send(CANCEL, call.id, (encoder) => encoder.root(reason, 'reason'));
      } catch {
        // A reason that cannot cross: abort all the same.
        this.send(CANCEL, call.id, (encoder) => encoder.root(undefined, 'reason'));
      }
    }
    return this.#outbox.ticket;
  }

  releaseHandle(id: number): void {
    if (this.failure === undefined) this.send(RELEASE_HANDLE, id, () => undefined);
  }

  /** This thread will send no more, and wants no answers. */
  leave(): void {
    if (this.failure !== undefined) return;
    setBits(this.#words, CALLS.seq, CLOSED_BIT);
    this.wakeLoop();
  }

  askToClose(): void {
    if (this.failure === undefined) this.send(CLOSE, 0, () => undefined);
  }

  send(kind: number, id: number, body: (encoder: Encoder) => void): void {
    const encoder = this.#outbox.open();
    const { lent } = encoder;
    try {
      encoder.u8(kind);
      encoder.varint(id);
      body(encoder);
      this.#outbox.close(encoder);
      this.flush();
    } catch (error) {
      this.#outbox.rollback(encoder);
      this.values.takeBack(lent);
      throw error;
    }
  }

  /** Asks the loop thread for a sign of life, and blocks for it until the deadline. */
  ping(deadline: number): boolean {
    this.send(PING, 0, () => undefined);
    return this.waitUntilTaken(this.#outbox.ticket, deadline);
  }

  hasTaken(ticket: number): boolean {
    return this.#outbox.hasTaken(ticket);
  }

  /**
   * Blocks until the loop thread has taken the message with this ticket; false when the deadline came
   * first. Nobody announces it, and it is rare, so this side looks ten times a millisecond.
   */
  waitUntilTaken(ticket: number, deadline: number): boolean {
    for (;;) {
      if (this.hasTaken(ticket)) return true;
      if (nowMs() >= deadline || this.inbox.isClosed) return false;
      sleepMs(0.1);
    }
  }

  /** Takes what has arrived, for a thread that is not blocked here. */
  drain(): void {
    receive(this);
  }

  /** Everything that is in flight fails, now and for ever. */
  fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    if (this.#holds > 0) this.loop.unref();
    for (const call of this.calls.values()) {
      this.forget(call);
      call.settle(true, error);
    }
    this.values.clear();
    this.#ends.wake.close();
    this.#ends.data.close();
  }

  /** Somebody awaits something from the loop thread: the process lives on for it. */
  hold(): void {
    if (this.#holds++ > 0 || this.failure !== undefined) return;
    this.#ends.wake.ref();
    this.loop.ref();
  }

  release(): void {
    if (--this.#holds > 0 || this.failure !== undefined) return;
    this.#ends.wake.unref();
    this.loop.unref();
  }

  /** Wakes the loop thread if it sleeps. */
  wakeLoop(): void {
    // The loop thread announces its sleep first and then looks at CALL_SEQ; this thread stores that first
    // and then looks at the announcement. One of the two sees the other. Of several callers one swaps.
    if (
      readWord(this.#control, LOOP_SLEEPS) === 1 &&
      swapWord(this.#control, LOOP_SLEEPS, 0) === 1
    ) {
      this.#ends.wake.wake();
    }
  }

  #onWake = (): void => {
    publishWord(this.#words, AWAY_WOKEN, 0);
    receive(this);
  };
}
