import type { Call } from '../coroutine.ts';
import { FLAG_STREAM, FLAG_TASK, GRANT, NEXT, RETURN, THROW_INTO } from '../wire/messages.ts';
import { abandon, onAbort, send, timeoutError, waitForTask, type Limits } from './execute.ts';
import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import type { RemoteLoop } from './remote-loop.ts';
import { captureStack } from '../runtime/capture-stack.ts';
import { joinStacks, stackOf } from './stack.ts';
import { nowMs } from '../wire/clock.ts';
import type { Goal } from './wait-until.ts';

type Result = IteratorResult<unknown, unknown>;

interface StreamOptions {
  readonly highWaterMark: number;
  /** For all items together, on the clock of `performance.now()`. */
  readonly deadline?: number | undefined;
}

/**
 * The consuming end of a stream: items that have arrived, and the room that the producer may still fill.
 * It starts with the first item that is asked for, as a generator does.
 */
export class Stream implements Goal {
  readonly runsUserCode = false;
  readonly pollMs = undefined;
  readonly #loop: RemoteLoop;
  readonly #request: Call;
  readonly #limits: Limits;
  readonly #highWaterMark: number;
  readonly #deadline: number;
  readonly #origin: { readonly stack: string };
  /** The runner, up to the first item: then the call holds it. */
  #holder: object | undefined;
  #call: PendingCall | undefined;
  #items: unknown[] = [];
  #next = 0;
  readonly #waiting: unknown[][] = [];
  #taken = 0;
  #hasEnded = false;
  #stopListening: (() => void) | undefined;

  constructor(
    loop: RemoteLoop,
    request: Call,
    limits: Limits,
    { highWaterMark, deadline = Infinity }: StreamOptions,
  ) {
    this.#loop = loop;
    this.#request = request;
    this.#limits = limits;
    this.#highWaterMark = highWaterMark;
    this.#deadline = deadline;
    this.#holder = loop.connection.holder?.deref();
    const captured = {} as { stack: string };
    captureStack(captured, Stream);
    // The text alone: what it was captured in holds the objects whose methods are on the stack, and whoever
    // holds the iterator would be held by this in turn, and never be forgotten.
    this.#origin = { stack: stackOf(captured) ?? '' };
  }

  get connection(): Connection {
    return this.#loop.connection;
  }

  get node(): number {
    return this.connection.guard?.node ?? 0;
  }

  waitsFor(call: object): boolean {
    return call === this.#call;
  }

  /** The loop that asked for the next item is gone. */
  cutOff(): void {
    this.#call?.cutOff();
  }

  /** Is there something to go on with: an item, or the end? */
  get isSettled(): boolean {
    return this.#next < this.#items.length || this.#waiting.length > 0 || this.#call!.isSettled;
  }

  next(value: unknown): Result {
    if (this.#hasEnded) return { done: true, value: undefined };
    const isFirst = this.#call === undefined;
    const call = this.#start();
    if (this.#highWaterMark === 1) this.#send(NEXT, isFirst ? undefined : value);
    else if (isFirst) this.#grant(this.#highWaterMark);
    return this.#receive(call);
  }

  throw(error: unknown): Result {
    if (this.#hasEnded || this.#call === undefined) {
      this.#hasEnded = true;
      throw error;
    }
    if (this.#highWaterMark === 1) {
      this.#send(THROW_INTO, error);
      return this.#receive(this.#call);
    }
    this.return(undefined);
    throw error;
  }

  /** Blocks until the producer's clean-up has run. */
  return(value: unknown): Result {
    const call = this.#call;
    if (this.#hasEnded || call === undefined) {
      this.#hasEnded = true;
      return { done: true, value };
    }
    // An outcome that is known already lies ahead of where the caller stops.
    if (call.isSettled) return this.#end(value);
    // As for `using`: the loop body may have been left by the timeout of a call that computes.
    this.#loop.failIfStuck();
    this.#dropItems();
    let isStopped = false;
    call.onItems = (items) => {
      isStopped ||= items.length === 0;
    };
    const refusal = this.#sendReturn(value);
    const isInTime = this.#block(call, call, 'The end');
    // So does one that came before the producer was stopped: it had run ahead, and ended by itself.
    const isAhead = isInTime && !isStopped && this.#loop.connection.failure === undefined;
    const end = isAhead ? this.#end(value) : this.#finish(call);
    if (refusal !== undefined) throw refusal.error;
    return end;
  }

  /** With a value that cannot cross, the producer's clean-up runs all the same: nobody will ask for more. */
  #sendReturn(value: unknown): { readonly error: unknown } | undefined {
    try {
      this.#send(RETURN, value);
      return undefined;
    } catch (error) {
      this.#send(RETURN, undefined);
      return { error };
    }
  }

  /** Nobody will ask for items any more, or for the end. */
  forget(): void {
    const call = this.#call;
    this.#stopListening?.();
    if (call !== undefined && !call.isSettled) abandon(this.#loop, call, undefined);
  }

  #start(): PendingCall {
    if (this.#call !== undefined) return this.#call;
    const { signal } = this.#limits;
    signal?.throwIfAborted();
    this.connection.guard?.check();
    const call = send(this.#loop, this.#request, FLAG_STREAM | FLAG_TASK);
    // An empty batch says that the producer was stopped: its outcome comes next.
    call.onItems = (items) => {
      if (items.length > 0) this.#waiting.push(items);
    };
    call.origin = this.#origin;
    call.holder = this.#holder;
    this.#holder = undefined;
    this.#call = call;
    if (signal !== undefined) {
      this.#stopListening = onAbort(signal, (reason) => {
        this.#dropItems();
        abandon(this.#loop, call, reason);
      });
    }
    return call;
  }

  #receive(call: PendingCall): Result {
    // Looked at again after each wait: a callback may have gone on with this iterator meanwhile.
    while (this.#next >= this.#items.length) {
      const items = this.#waiting.shift();
      if (items !== undefined) {
        this.#items = items;
        this.#next = 0;
      } else if (call.isSettled) {
        return this.#hasEnded ? { done: true, value: undefined } : this.#finish(call);
      } else {
        this.#block(call, this, 'The next item');
      }
    }
    const value = this.#items[this.#next];
    this.#items[this.#next++] = undefined;
    if (this.#highWaterMark > 1 && ++this.#taken >= this.#highWaterMark >> 1)
      this.#grant(this.#taken);
    return { done: false, value };
  }

  /** Blocks, and gives up when that takes too long; false in that case. */
  #block(call: PendingCall, goal: Goal, what: string): boolean {
    const { timeoutMs, signal } = this.#limits;
    const deadline = Math.min(nowMs() + timeoutMs, this.#deadline);
    const count = signal === undefined ? 1 : 0;
    if (waitForTask(call, goal, deadline, count)) return true;
    const late = `${what} of ${call.label} had not come`;
    abandon(this.#loop, call, timeoutError(this.#loop, call, late, timeoutMs, deadline));
    return false;
  }

  #dropItems(): void {
    this.#items = [];
    this.#next = 0;
    this.#waiting.length = 0;
  }

  #end(value: unknown): Result {
    this.#hasEnded = true;
    this.#stopListening?.();
    return { done: true, value };
  }

  #finish(call: PendingCall): Result {
    const end = this.#end(call.value);
    if (!call.isRejected) return end;
    const origin = {} as { stack: string };
    captureStack(origin, this.next);
    joinStacks(call.value, origin);
    throw call.value;
  }

  #grant(count: number): void {
    this.#taken = 0;
    const call = this.#call!;
    if (!call.isSettled) {
      this.#loop.connection.send(GRANT, call.id, (encoder) => encoder.varint(count));
    }
  }

  #send(kind: number, value: unknown): void {
    const call = this.#call!;
    if (!call.isSettled) {
      this.#loop.connection.send(kind, call.id, (encoder) => encoder.root(value, 'value'));
    }
  }
}
