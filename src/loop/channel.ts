import {
  publishWord,
  readWord,
  replaceWord,
  setBits,
  swapWord,
  wakeSleepers,
} from '../wire/atomics.ts';
import { CancelledError } from '../errors.ts';
import type { Encoder } from '../wire/encode.ts';
import { InFlight } from '../wire/in-flight.ts';
import { Inbox } from '../wire/inbox.ts';
import {
  ASLEEP,
  BLOCKED_COUNT,
  BLOCKED_IN,
  BLOCKED_ON,
  CALLS,
  CLOSED_BIT,
  REPLIES,
  SLEEPS,
  WAKE_POSTED,
} from '../wire/layout.ts';
import { type RESULT, STARTED, THROWN } from '../wire/messages.ts';
import { Outbox } from '../wire/outbox.ts';
import type { ChannelEnds } from '../wire/ports.ts';
import { sendInstead } from '../wire/refusal.ts';
import { currentCall, type CallChannel, type LoopCall } from './call.ts';
import type { Producer } from './producer.ts';
import { LoopValues } from './values.ts';

const writeResult = (encoder: Encoder, value: unknown): void => encoder.root(value, 'result');
const writeThrown = (encoder: Encoder, value: unknown): void => encoder.root(value, 'thrown');

/** Who is at the other end. */
export interface Caller {
  readonly threadId: number;
  /** What its thread calls the channel. */
  readonly number: number;
  /** The block of its thread. */
  readonly thread: SharedArrayBuffer;
}

/** The loop thread's end of the channel to one calling thread. */
export class LoopChannel implements CallChannel {
  readonly inbox: Inbox;
  readonly calls = new InFlight<LoopCall>();
  readonly producers = new Map<number, Producer>();
  readonly values: LoopValues;
  readonly ends: ChannelEnds;
  /** The calls that the caller's event loop waits for, and it has nothing else to do. */
  awaitedByIdle: readonly number[] | undefined;
  /** A thread may have several channels. */
  readonly caller: Caller;
  /** Among those of all callers. */
  readonly number: number;
  readonly #outbox: Outbox;
  readonly #words: Int32Array;
  /** The block of the caller's thread. */
  readonly #thread: Int32Array;
  readonly #beforeReply: () => void;
  /** Weakly, for many never end: what could still end one of them holds it as well. */
  readonly #abandoned = new Map<number, WeakRef<LoopCall>>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#abandoned.delete(id));
  /** Can its caller be told nothing more? */
  hasClosed = false;

  constructor(ends: ChannelEnds, caller: Caller, number: number, beforeReply: () => void) {
    this.values = new LoopValues(this);
    this.#words = new Int32Array(ends.memory);
    this.inbox = new Inbox(ends.memory, CALLS, ends.data, this.values);
    this.#outbox = new Outbox(ends.memory, REPLIES, ends.data, this.values);
    this.ends = ends;
    this.caller = caller;
    this.number = number;
    this.#thread = new Int32Array(caller.thread);
    this.#beforeReply = beforeReply;
  }

  get currentCallId(): number {
    const call = currentCall();
    return call !== undefined && call.channel === this ? call.id : 0;
  }

  /** The calls that the caller is blocked for without limit; none when it can go on by itself. */
  strandedCalls(): LoopCall[] {
    // Asked in this order: a caller that has taken all and is asleep since then has nothing more to say.
    if (!this.#outbox.hasTaken(this.#outbox.ticket)) return [];
    const words = this.#thread;
    if (this.awaitedByIdle !== undefined) {
      return this.awaitedByIdle.flatMap((id) => this.calls.get(id) ?? []);
    }
    const sleeps = readWord(words, SLEEPS);
    if (readWord(words, ASLEEP) !== 1 || readWord(words, BLOCKED_IN) !== this.caller.number)
      return [];
    const first = readWord(words, BLOCKED_ON) >>> 0;
    const count = readWord(words, BLOCKED_COUNT);
    // It may have gone on and be asleep for something else.
    if ((sleeps & 1) !== 0 || readWord(words, SLEEPS) !== sleeps) return [];
    const stranded: LoopCall[] = [];
    for (let id = first; id < first + count; id++) {
      const call = this.calls.get(id);
      if (call !== undefined) stranded.push(call);
    }
    return stranded;
  }

  /** Has the caller had all there is, when it had released so many messages? */
  hasSentNothingSince(released: number): boolean {
    return this.#outbox.ticket === ((released << 1) | 0);
  }

  /** Coroutines that nobody waits for any more, and that have not ended. */
  abandoned(): LoopCall[] {
    return [...this.#abandoned.values()].flatMap((reference) => reference.deref() ?? []);
  }

  announceStart(call: LoopCall, value: unknown): void {
    if (call.isSettled) return;
    this.send(STARTED, call.id, true, (encoder) => encoder.root(value, 'started'));
  }

  /** The caller waits for it no more: its signal is aborted, and what it may still bring is dropped. */
  abandon(id: number, reason: unknown): void {
    const call = this.calls.get(id);
    if (call === undefined) return;
    this.calls.delete(id);
    this.values.endCall(id);
    this.#abandoned.set(id, new WeakRef(call));
    this.#collected.register(call, id);
    call.abort(reason);
  }

  /** The runner is closing: whoever waits for these calls is told so now, and the coroutines clean up. */
  cancelAll(): void {
    for (const call of this.calls.values()) {
      const error = new CancelledError(`${call.label} was cancelled: its runner is closing.`);
      this.#send(call, THROWN, error);
      this.abandon(call.id, error);
    }
    this.values.cancelCallbacks();
  }

  /** Ends a call whose coroutine goes on waiting: what it may still bring is dropped. */
  fail(call: LoopCall, error: Error): void {
    if (!call.isSettled) this.reply(call, THROWN, error);
  }

  /** The outcome of a call. A value that cannot cross turns into an error for this call alone. */
  reply(call: LoopCall, kind: typeof RESULT | typeof THROWN, value: unknown): void {
    if (call.isSettled) return;
    if (this.producers.size > 0) this.producers.delete(call.id);
    if (this.calls.delete(call.id)) this.#send(call, kind, value);
    else this.#abandoned.delete(call.id);
    this.values.endCall(call.id);
    call.settle();
  }

  #send({ id, isTask }: LoopCall, kind: typeof RESULT | typeof THROWN, outcome: unknown): void {
    try {
      this.send(kind, id, isTask, kind === THROWN ? writeThrown : writeResult, outcome);
    } catch (refusal) {
      sendInstead(refusal, outcome, kind === THROWN, (error) =>
        this.send(THROWN, id, isTask, writeThrown, error),
      );
    }
  }

  /**
   * Sends a message, and wakes the caller if it sleeps. `isForEventLoop` says that the caller may not be blocked
   * for it, so that its event loop is told as well. What `body` needs can be given as `value`, so that it need
   * not be made for each message.
   */
  send(
    kind: number,
    id: number,
    isForEventLoop: boolean,
    body: (encoder: Encoder, value: unknown) => void,
    value?: unknown,
  ): void {
    // From an `exit` handler of the user's: a number stored now would take the closed bit away again.
    if (this.hasClosed) return;
    // What it hears now may give it something to do.
    this.awaitedByIdle = undefined;
    const outbox = this.#outbox;
    const encoder = outbox.open();
    const { lent } = encoder;
    try {
      encoder.u8(kind);
      encoder.varint(id);
      body(encoder, value);
      outbox.close(encoder);
      this.#beforeReply();
      outbox.publish();
    } catch (error) {
      outbox.rollback(encoder);
      this.values.takeBack(lent);
      throw error;
    }
    this.#wakeCaller(isForEventLoop);
  }

  /**
   * The number has been published, now it is looked whether the caller sleeps; the caller says first that it does,
   * and then reads the number. Whichever order the two threads take, one of them sees the other.
   *
   * The event loop of its thread is woken once until it has turned. Whether that thread is blocked just now is not
   * asked: how it stops being blocked is nothing that it could be relied on to tell.
   */
  #wakeCaller(isForEventLoop: boolean): void {
    if (readWord(this.#thread, ASLEEP) === 1 && replaceWord(this.#thread, ASLEEP, 1, 0)) {
      wakeSleepers(this.#thread, ASLEEP);
    }
    if (
      isForEventLoop &&
      readWord(this.#words, WAKE_POSTED) === 0 &&
      swapWord(this.#words, WAKE_POSTED, 1) === 0
    ) {
      this.ends.wake.wake();
    }
  }

  /** The caller is gone: its coroutines are aborted, and what they may still bring is dropped. */
  forsake(): void {
    for (const call of this.calls.values()) {
      this.abandon(
        call.id,
        new CancelledError(`${call.label} was cancelled: the thread that called it has left.`),
      );
    }
    this.values.forsake();
    this.hasClosed = true;
    this.ends.wake.close();
    this.ends.data.close();
  }

  /** This thread is ending: whoever sleeps on the number is woken by its closed bit. */
  close(): void {
    this.hasClosed = true;
    setBits(this.#words, REPLIES.seq, CLOSED_BIT);
    publishWord(this.#words, WAKE_POSTED, 0);
    this.#wakeCaller(true);
  }

  /** Nothing is on the stack: a message that is still being written was cut off. */
  repair(): void {
    if (this.#outbox.hasStaged) this.#outbox.giveUp();
  }
}
