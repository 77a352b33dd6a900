import { CancelledError } from '../errors.ts';
import { readContexts } from '../wire/contexts.ts';
import type { Decoder } from '../wire/decode.ts';
import {
  CALL,
  CALLBACK_RESULT,
  CALLBACK_THROWN,
  CANCEL,
  CLOSE,
  FLAG_CONSTRUCT,
  FLAG_CONTEXT,
  FLAG_DEFINES_TARGET,
  FLAG_HANDLE,
  FLAG_STREAM,
  FLAG_TASK,
  GRANT,
  IDLE,
  NEXT,
  OPEN_DOOR,
  PING,
  RELEASE_HANDLE,
  RESULT,
  RETURN,
  SIGNAL_ABORTED,
  THROW_INTO,
  THROWN,
} from '../wire/messages.ts';
import { LoopCall, runInCall } from './call.ts';
import { invoke, readArguments, readTarget, type CallTarget } from './call-target.ts';
import type { LoopChannel } from './channel.ts';
import { operateOnHandle, readHandleTarget } from './handle-calls.ts';
import type { Callable } from './modules.ts';
import { Producer } from './producer.ts';
import type { BlockWatch } from './watch.ts';
import type { LifeMark } from '../wire/life-mark.ts';
import { NativePromise, whenSettled } from '../wire/natives.ts';
import { isThenable } from '../wire/thenable.ts';
import { nowMs } from '../wire/clock.ts';

/**
 * So long the messages of one caller are carried out in a row. One that sends without a break would
 * otherwise keep the others, and the loop's own timers, from ever getting a turn; and whoever waits for
 * a thousand coroutines would fall asleep before the outcome of the first, which follows at the end of a row.
 */
const ROW_MS = 0.05;
/** How many messages are taken between two looks at the clock. */
const MESSAGES_PER_CLOCK = 8;

/** What callers ask of the thread itself; all but the last the owner only. */
interface Orders {
  close(): void;
  openDoor(): void;
  /** Says how busy the thread has been. */
  beforePong(): void;
}

/** Reads the messages of one caller and carries them out. */
export class Dispatcher {
  readonly channel: LoopChannel;
  readonly #targets: CallTarget[] = [];
  /** By what this thread sees that the caller lives. */
  readonly life: LifeMark | undefined;
  /** Is it counted out by way of the list of holders? */
  readonly isListed: boolean;
  readonly #orders: Orders;
  readonly #watch: BlockWatch | undefined;
  isClosing = false;

  constructor(
    channel: LoopChannel,
    orders: Orders,
    watch: BlockWatch | undefined,
    life: LifeMark | undefined,
    isListed: boolean,
  ) {
    this.channel = channel;
    this.#watch = watch;
    this.#orders = orders;
    this.life = life;
    this.isListed = isListed;
  }

  /** Has the caller said that it will send no more? */
  get hasLeft(): boolean {
    return this.channel.inbox.isClosed;
  }

  /**
   * Takes messages that have arrived, and says whether there were any. After the first it only looks at
   * what the ring shows: the caller may be about to write CALL_SEQ. Who calls it looks for news again.
   */
  drain(): boolean {
    const { inbox } = this.channel;
    if (!inbox.take()) return false;
    let end = 0;
    let count = 0;
    do {
      this.#handle(inbox.decoder);
      count += 1;
      if (count % MESSAGES_PER_CLOCK > 0) continue;
      const now = nowMs();
      if (end === 0) end = now + ROW_MS;
      else if (now >= end) break;
    } while (inbox.mayHaveNews && inbox.take());
    return true;
  }

  #handle(decoder: Decoder): void {
    const { values } = this.channel;
    values.failure = undefined;
    const kind = decoder.u8();
    const id = decoder.varint();
    this.channel.awaitedByIdle = undefined;
    switch (kind) {
      case CALL:
        this.#call(decoder, id);
        return;
      case CANCEL: {
        const reason = decoder.root();
        this.channel.inbox.release();
        this.channel.abandon(id, reason);
        return;
      }
      case CALLBACK_RESULT:
      case CALLBACK_THROWN: {
        const value = decoder.root();
        this.channel.inbox.release();
        values.settleCallback(id, kind === CALLBACK_RESULT, value);
        return;
      }
      case SIGNAL_ABORTED: {
        const reason = decoder.root();
        this.channel.inbox.release();
        values.signals.abort(id, reason);
        return;
      }
      case RELEASE_HANDLE:
        this.channel.inbox.release();
        values.handles.release(id);
        return;
      case GRANT: {
        const count = decoder.varint();
        this.channel.inbox.release();
        this.#toProducer(id, (producer) => producer.grant(count));
        return;
      }
      case NEXT:
      case THROW_INTO: {
        const value = decoder.root();
        this.channel.inbox.release();
        this.#toProducer(
          id,
          (producer) => void producer.step(kind === NEXT ? 'next' : 'throw', value),
          true,
        );
        return;
      }
      case RETURN: {
        const value = decoder.root();
        this.channel.inbox.release();
        this.#toProducer(id, (producer) => producer.stop(value));
        return;
      }
      case PING:
        this.#orders.beforePong();
        this.channel.inbox.release();
        return;
      case CLOSE:
        this.channel.inbox.release();
        this.#orders.close();
        return;
      case OPEN_DOOR:
        this.channel.inbox.release();
        this.#orders.openDoor();
        return;
      case IDLE: {
        const released = decoder.varint();
        const awaited: number[] = [];
        for (let count = decoder.varint(); count > 0; count--) awaited.push(decoder.varint());
        this.channel.inbox.release();
        if (this.channel.hasSentNothingSince(released)) this.channel.awaitedByIdle = awaited;
      }
    }
  }

  /** Reads a call whole, gives its bytes back to the caller, and only then runs code of the user's. */
  #call(decoder: Decoder, id: number): void {
    const { channel } = this;
    const { values } = channel;
    const flags = decoder.u8();
    values.receivingCall = id;
    const target =
      flags & FLAG_HANDLE ? readHandleTarget(decoder) : this.#readTarget(decoder, flags);
    const contexts = flags & FLAG_CONTEXT ? readContexts(decoder) : undefined;
    const args = readArguments(decoder);
    channel.inbox.release();

    const isTask = (flags & FLAG_TASK) !== 0;
    const call: LoopCall = new LoopCall(id, target.label, isTask, channel);
    call.contexts = contexts;
    this.#watch?.observe(call);
    channel.calls.add(call);
    const isDisposal = 'operation' in target && target.operation === 'dispose';
    if (values.failure !== undefined && !isDisposal) channel.reply(call, THROWN, values.failure);
    else if (this.isClosing)
      channel.reply(
        call,
        THROWN,
        new CancelledError(`${target.label} was not started: its runner is closing.`),
      );
    else if ('operation' in target)
      this.#start(call, flags, () => operateOnHandle(values.handles, target, args));
    else this.#find(call, flags, target, args);
  }

  #readTarget(decoder: Decoder, flags: number): CallTarget {
    const number = decoder.varint();
    if (flags & FLAG_DEFINES_TARGET) this.#targets[number] = readTarget(decoder);
    return this.#targets[number]!;
  }

  #find(call: LoopCall, flags: number, target: CallTarget, args: unknown[]): void {
    let found: Callable | Promise<Callable>;
    try {
      found = target.find();
    } catch (error) {
      this.channel.reply(call, THROWN, error);
      return;
    }
    if (found instanceof NativePromise) {
      whenSettled(
        found,
        (callable) => this.#invoke(call, flags, callable, args),
        (error: unknown) => this.channel.reply(call, THROWN, error),
      );
    } else {
      this.#invoke(call, flags, found, args);
    }
  }

  #invoke(call: LoopCall, flags: number, callable: Callable, args: unknown[]): void {
    const isConstruction = (flags & FLAG_CONSTRUCT) !== 0;
    // It was given up while its module was imported: there is nothing to clean up, and nobody to see it run.
    if (call.isAborted) this.channel.reply(call, RESULT, undefined);
    else this.#start(call, flags, () => invoke(callable, args, isConstruction));
  }

  #start(call: LoopCall, flags: number, body: () => unknown): void {
    const { channel } = this;
    const finish = (value: unknown): void => {
      if (flags & FLAG_STREAM) this.#stream(call, value);
      else channel.reply(call, RESULT, value);
    };
    let result: unknown;
    let promise: Promise<unknown> | undefined;
    try {
      result =
        this.#watch === undefined
          ? runInCall(call, body)
          : this.#watch.runStart(call, () => runInCall(call, body));
      // As `await` does it: a `then` of its own is called for a thenable, and throws into the promise.
      if (isThenable(result)) promise = NativePromise.resolve(result);
    } catch (error) {
      channel.reply(call, THROWN, error);
      return;
    }
    if (promise === undefined) finish(result);
    else whenSettled(promise, finish, (error) => channel.reply(call, THROWN, error));
  }

  /** The caller iterates the result: it grants room for items, and gets them as they come. */
  #stream(call: LoopCall, value: unknown): void {
    const { channel } = this;
    try {
      const producer = new Producer(channel, call, value);
      channel.producers.set(call.id, producer);
      const { earlyDemand } = call;
      if (earlyDemand !== undefined) runInCall(call, () => earlyDemand(producer));
    } catch (error) {
      channel.reply(call, THROWN, error);
    }
  }

  /** What a caller's iterator asks for may come before the coroutine has returned what to iterate. */
  #toProducer(id: number, action: (producer: Producer) => void, isStep = false): void {
    const producer = this.channel.producers.get(id);
    const call = this.channel.calls.get(id);
    if (call === undefined) return;
    // A generator's code runs in the context of whoever asks for its next item.
    if (producer !== undefined) runInCall(call, () => action(producer));
    else call.earlyDemand = isStep ? after(call.earlyDemand, action) : action;
  }
}

/** In lock-step a callback may ask for an item while another is asked for: both are to come. */
function after(
  before: ((producer: Producer) => void) | undefined,
  action: (producer: Producer) => void,
): (producer: Producer) => void {
  if (before === undefined) return action;
  return (producer) => {
    before(producer);
    action(producer);
  };
}
