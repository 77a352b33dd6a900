import type { Call } from '../coroutine.ts';
import {
  publishWord,
  readWord,
  setBits,
  sleepMs,
  swapWord,
  wakeSleepers,
} from '../wire/atomics.ts';
import { currentContexts, writeContexts } from '../wire/contexts.ts';
import type { Encoder } from '../wire/encode.ts';
import { InFlight } from '../wire/in-flight.ts';
import { Inbox } from '../wire/inbox.ts';
import {
  CALLS,
  CLOSED_BIT,
  LOOP_IN_EVENT_LOOP,
  LOOP_NAPS,
  LOOP_SLEEPS,
  REPLIES,
  WAKE_POSTED,
} from '../wire/layout.ts';
import {
  CALL,
  CANCEL,
  CLOSE,
  FLAG_CONSTRUCT,
  FLAG_CONTEXT,
  IDLE,
  PING,
  RELEASE_HANDLE,
} from '../wire/messages.ts';
import { Outbox } from '../wire/outbox.ts';
import type { ChannelEnds } from '../wire/ports.ts';
import type { Spinner } from '../wire/spin.ts';
import type { DeadlockGuard } from './deadlock.ts';
import { watchIdleness } from './idle.ts';
import { PendingCall } from './pending-call.ts';
import type { RemoteLoop } from './remote-loop.ts';
import { receive, type Delivery } from './receive.ts';
import type { Statistics } from './statistics.ts';
import { TargetNumbers, writeTarget } from './targets.ts';
import { thread, type Frame, type Member } from './thread.ts';
import { CallerValues } from './values.ts';
import { goal, waitUnlessDeadlocked } from './wait-until.ts';
import { nowMs } from '../wire/clock.ts';
import { Ids } from '../wire/ids.ts';

/** How long this side looks for a reply before it sleeps. Longer than a wake-up takes. */
export const SPIN_MS = 0.2;
/** How often a thread that is not blocked looks whether the loop thread still lives, at the most. */
const LOOK_MS = 20;
/** How long messages are read when the time of a call is up already. */
const LATE_MS = 20;

/** What a thread is in the middle of while it writes a message: getters of the user's may run. */
function writing(cutOff: () => void): Frame {
  return { runsUserCode: true, node: 0, waitsFor: () => false, cutOff };
}

/** A calling thread's end of the channel to one loop thread. */
export class Connection implements Member {
  readonly values: CallerValues;
  readonly calls: InFlight<PendingCall> = new InFlight();
  readonly loop: RemoteLoop;
  readonly statistics: Statistics;
  /** The runner, which must not be forgotten as long as somebody holds a handle or an iterator of it. */
  holder: WeakRef<object> | undefined;
  /** The runner, while the loop thread has functions of this thread's that were given to `keep()`. */
  keptRunner: object | undefined;
  /** Why this connection is of no use any more. */
  failure: Error | undefined;
  /** Handles to objects on the loop thread that this thread has and has not disposed of. */
  handlesHeld = 0;
  readonly inbox: Inbox;
  readonly spinner: Spinner;
  /** Only on a loop thread, for which others may be blocked. */
  readonly guard: DeadlockGuard | undefined;
  /** Under this number the loop thread knows that this thread is blocked in here. */
  readonly channel: number;
  /** What the message that was taken last has brought, until that has reached whom it is for. */
  inHand: Delivery | undefined;
  isUnreadable = false;
  /** How many messages had been released before that one. */
  inHandSince = 0;
  readonly #outbox: Outbox;
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  readonly #ends: ChannelEnds;
  readonly #targets = new TargetNumbers();
  readonly #numbers = new Ids(this.calls);
  /** The last of the calls that have been staged, and that nobody waits for yet. */
  #unclaimed: PendingCall | undefined;
  readonly #writing: Frame = writing(() => this.repair());
  /** In such a getter: what goes out by itself leaves nothing behind but the calls that nobody will wait for. */
  readonly #writingInside: Frame = writing(() => this.#breakOffIfHalf());
  #stopWatching: (() => void) | undefined;
  /** The last that was sent when this thread had nothing else to do. */
  idleSince: number | undefined;
  #lookedAt = nowMs();
  #holds = 0;
  /** The loop thread is being woken, or that was cut off. */
  #isWaking = false;

  constructor(
    control: Int32Array,
    ends: ChannelEnds,
    channel: number,
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
    this.spinner = spinner;
    this.guard = guard;
    this.channel = channel;
    this.#ends = ends;
    ends.wake.onWake(this.#onWake);
    thread.members = [...thread.members, this];
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
    const depth = this.#beginToWrite();
    const encoder = outbox.open();
    const { lent } = encoder;
    encoder.takesCallbacks = true;
    const pending = new PendingCall(id, call, this);
    const outer = this.values.sending;
    this.values.sending = pending;
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
      if (lent.length > 0) pending.lend(lent);
      pending.canBeSentAgain = encoder.attachments.requests.length === 0;
      // A getter among the arguments may have closed the runner, or lost the loop thread.
      if (this.failure !== undefined) throw this.failure;
      outbox.close(encoder);
    } catch (error) {
      outbox.rollback(encoder);
      this.#targets.rollback();
      this.values.takeBack(lent);
      throw error;
    } finally {
      this.values.sending = outer;
      thread.leave(depth);
    }
    this.calls.add(pending);
    pending.ticket = outbox.ticket;
    pending.stagedAfter = this.#unclaimed;
    this.#unclaimed = pending;
    this.statistics.calls += 1;
    return pending;
  }

  /** Numbers for so many calls, one after the other; the first of them. */
  reserve(count: number): number {
    return this.#numbers.reserve(count);
  }

  #beginToWrite(): number {
    thread.dropCutOff();
    return thread.enter(this.#outbox.isOpen ? this.#writingInside : this.#writing, Infinity);
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
    if (calls[0] !== undefined) this.claim(calls[0], calls);
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
    const depth = this.#beginToWrite();
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
    } finally {
      thread.leave(depth);
    }
  }

  /** Asks the loop thread for a sign of life; the ticket to ask about. */
  ping(): number {
    this.send(PING, 0, () => undefined);
    return this.#outbox.ticket;
  }

  /** Has the loop thread taken the message with this ticket? */
  hasTaken(ticket: number): boolean {
    return this.#outbox.hasTaken(ticket);
  }

  /**
   * Stops this thread until the loop thread has taken the message with this ticket; false when it has not after so
   * long. A short question of palitra's own, also when the time of a call is over: no code of the user's runs.
   */
  isTakenWithin(ticket: number, limitMs: number): boolean {
    const deadline = nowMs() + limitMs;
    while (!this.hasTaken(ticket)) {
      if (this.failure !== undefined || nowMs() >= deadline) return false;
      sleepMs(0.1);
    }
    return true;
  }

  /** Blocks until nothing is in flight any more, or until the deadline. */
  untilIdle(deadline: number): void {
    const { calls } = this;
    const idle = goal(() => calls.size === 0, {
      connection: this,
      waitsFor: (call) => calls.has((call as PendingCall).id),
    });
    if (this.failure === undefined) waitUnlessDeadlocked(idle, deadline);
  }

  get hasNews(): boolean {
    return this.inbox.hasNews;
  }

  get mayHaveNews(): boolean {
    return this.inbox.mayHaveNews;
  }

  get canCallBack(): boolean {
    return this.values.canBeCalled;
  }

  takeMessage(): boolean {
    // It may be asked for before the stack has been left.
    if (this.inbox.isHalfTaken) this.repair();
    if (this.failure !== undefined) return false;
    if (this.inHand !== undefined) this.#handOver();
    const { inbox } = this;
    if (!inbox.take()) {
      if (!inbox.isClosed) return false;
      // The bit is set after the last message has been published: now all there are can be seen.
      if (!inbox.take()) {
        this.fail(this.loop.deathError());
        return true;
      }
    }
    this.idleSince = undefined;
    try {
      receive(this, inbox.decoder);
      this.isUnreadable = false;
    } catch (error) {
      this.isUnreadable = true;
      throw error;
    }
    return true;
  }

  /** Takes what has been published by now, or as much of it as is enough. */
  takeMessages(isEnough: () => boolean = () => false): void {
    const last = this.inbox.sequence & ~CLOSED_BIT;
    while (!isEnough() && this.inbox.isAhead(last)) if (!this.takeMessage()) return;
    if (this.inbox.isClosed && !isEnough()) this.takeMessage();
  }

  /** The time is up: what had come before counts, unless it stands behind a flood that takes time of its own. */
  lookLate(isSettled: () => boolean): void {
    const end = nowMs() + LATE_MS;
    this.takeMessages(() => isSettled() || nowMs() >= end);
    if (!isSettled()) this.checkLife();
  }

  /** Takes what has come by now, and executes what that asks for, for a thread that is not blocked here. */
  drain(): void {
    const last = this.inbox.sequence & ~CLOSED_BIT;
    while (this.inbox.isAhead(last) && this.takeMessage()) while (thread.runInvocation());
    if (this.inbox.isClosed) this.takeMessage();
  }

  checkLife(): void {
    if (this.failure !== undefined) return;
    const death = this.loop.checkDeath();
    if (death === undefined) return;
    try {
      // Its last words may have come in between.
      this.takeMessages();
    } finally {
      this.fail(death);
    }
  }

  /** As {@link checkLife}, which takes longer than a hot call, for whoever asks again and again. */
  checkLifeIfDue(): void {
    const now = nowMs();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    this.checkLife();
  }

  /**
   * Puts right what was cut off in the middle. A message that was being read stays the next one; one that was
   * being written has never been. Between the two, where one half of a message may be out, nothing can be saved.
   */
  repair(): void {
    if (this.#breakOffIfHalf()) return;
    this.#handOver();
    if (this.#outbox.hasStaged) {
      this.#outbox.giveUp();
      this.#targets.rollback();
    }
    let call = this.#unclaimed;
    this.#unclaimed = undefined;
    while (call !== undefined) {
      const next: PendingCall | undefined = call.stagedAfter;
      call.cutOff();
      call = next;
    }
    this.wakeLoopIfOwed();
  }

  #breakOffIfHalf(): boolean {
    if (this.failure === undefined && (this.#outbox.isHalfOut || this.inbox.isHalfTaken)) {
      this.loop.breakOff();
    }
    return this.failure !== undefined;
  }

  /** What is in hand reaches whom it is for. If its message has not been released, that will be taken once more. */
  #handOver(): void {
    if (this.inHandSince !== this.inbox.released) this.inHand?.deliver();
    this.inHand = undefined;
  }

  /** Somebody is there who will end these calls, whatever happens. */
  claim(first: PendingCall, others: readonly PendingCall[] = []): void {
    let call = this.#unclaimed;
    while (call !== undefined && call !== first) call = call.stagedAfter;
    if (call === undefined) return;
    call = this.#unclaimed;
    this.#unclaimed = first.stagedAfter;
    // Others were staged by a getter among the arguments that was cut off.
    while (call !== undefined && call !== first) {
      const next: PendingCall | undefined = call.stagedAfter;
      if (!others.includes(call)) call.cutOff();
      call = next;
    }
  }

  /** Nobody waits for it any more, and it has not been ended. */
  disclaim(call: PendingCall): void {
    call.stagedAfter = this.#unclaimed;
    this.#unclaimed = call;
  }

  /** Everything that is in flight fails, now and for ever. */
  fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.keptRunner = undefined;
    thread.members = thread.members.filter((member) => member !== this);
    if (this.#holds > 0) this.loop.unref();
    this.#stopWatching?.();
    for (const call of this.calls.values()) {
      call.hasBegun = this.#outbox.hasTaken(call.ticket);
      call.settle(true, error);
    }
    this.values.clear();
    this.#ends.wake.close();
    this.#ends.data.close();
  }

  /** A subscription goes on though nobody holds the runner. */
  keepRunner(): void {
    this.keptRunner = this.holder?.deref();
  }

  letRunnerGo(): void {
    this.keptRunner = undefined;
  }

  /** Somebody awaits something from the loop thread: the process lives on for it. */
  hold(): void {
    if (this.#holds++ > 0 || this.failure !== undefined) return;
    this.#ends.wake.ref();
    this.loop.ref();
    this.#stopWatching = watchIdleness(this);
  }

  release(): void {
    if (--this.#holds > 0 || this.failure !== undefined) return;
    this.#stopWatching?.();
    this.#ends.wake.unref();
    this.loop.unref();
  }

  /** Does somebody await something from there? */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** This thread will do nothing any more, unless one of these calls settles. Said once. */
  sayIdle(awaited: readonly PendingCall[]): void {
    if (this.#outbox.ticket === this.idleSince) return;
    this.send(IDLE, 0, (encoder) => {
      encoder.varint(this.inbox.released);
      encoder.varint(awaited.length);
      for (const { id } of awaited) encoder.varint(id);
    });
    this.idleSince = this.#outbox.ticket;
  }

  /** Wakes the loop thread if it sleeps. */
  wakeLoop(): void {
    // The loop thread announces its sleep first and then looks at CALL_SEQ; this thread stores that first
    // and then looks at the announcement. One of the two sees the other. Of several callers one swaps.
    if (!this.#isWaking && readWord(this.#control, LOOP_SLEEPS) === 0) return;
    // Cut off between the two, the word would say that it is being woken: then the mark stays.
    const wasCutOff = this.#isWaking;
    this.#isWaking = true;
    const sleeps = swapWord(this.#control, LOOP_SLEEPS, 0);
    if (sleeps === LOOP_NAPS) wakeSleepers(this.#control, LOOP_SLEEPS);
    else if (sleeps === LOOP_IN_EVENT_LOOP || wasCutOff) this.#ends.wake.wake();
    this.#isWaking = false;
  }

  /** What has been published and not been taken is its business; it sleeps over that only if it was not woken. */
  wakeLoopIfOwed(): void {
    if (this.#isWaking || !this.hasTaken(this.#outbox.ticket)) this.wakeLoop();
  }

  #onWake = (): void => {
    publishWord(this.#words, WAKE_POSTED, 0);
    thread.serveInTurn();
  };
}
