import { AsyncLocalStorage } from 'node:async_hooks';
import { UncloneableError } from '../errors.ts';
import { createHandle, handleStateOf } from '../handle.ts';
import type { Decoder, DecoderBridge } from '../wire/decode.ts';
import type { Encoder } from '../wire/encode.ts';
import type { EncoderBridge } from '../wire/encoder-bridge.ts';
import { FUNCTION, HANDLE } from '../wire/tags.ts';
import { isKept } from '../keep.ts';
import { Ids } from '../wire/ids.ts';
import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import { LentSignals } from './signals.ts';
import { thread } from './thread.ts';

type AnyFunction = (...args: never[]) => unknown;

/** A function that the loop thread knows by a number. */
export class Callback {
  /** How often it was sent and not yet reported as forgotten. */
  held = 1;
  /** The function itself, if it was given to `keep()`. */
  readonly kept: AnyFunction | undefined;
  readonly #function: AnyFunction;
  /** The call that it was given to; undefined for a kept one. */
  readonly owner: PendingCall | undefined;
  /** For a kept one: the async context of the place where it was first given away. */
  readonly #context: (<R>(body: () => R) => R) | undefined;

  constructor(callback: AnyFunction, isKept: boolean, owner: PendingCall | undefined) {
    this.#function = callback;
    this.kept = isKept ? callback : undefined;
    this.owner = owner;
    if (isKept) this.#context = AsyncLocalStorage.snapshot();
  }

  /** Calls it where it was given away, as far as `AsyncLocalStorage` goes, whoever is blocked just now. */
  run(args: readonly unknown[]): unknown {
    const callback = this.#function;
    const { owner } = this;
    const context = this.#context ?? owner?.context;
    if (context === undefined || (owner !== undefined && thread.isDirectlyBlockedFor(owner))) {
      return callback(...(args as never[]));
    }
    return context(() => callback(...(args as never[])));
  }
}

/** What functions and handles are on the calling thread, for one connection. */
export class CallerValues implements EncoderBridge, DecoderBridge {
  readonly wayOut = 'a handle to one that a coroutine has made there and returned by handle(value)';
  readonly reach = 'thread';
  readonly #connection: Connection;
  readonly #callbacks = new Map<number, Callback>();
  /** Kept functions have one number for all calls, so that a listener can be removed again. */
  readonly #keptNumbers = new Map<AnyFunction, number>();
  readonly signals: LentSignals;
  /** Functions and signals are counted together. */
  readonly #numbers = new Ids({ has: (id) => this.#callbacks.has(id) || this.signals.has(id) });
  /** The call that is being written: its functions live as long as it does. */
  sending: PendingCall | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.signals = new LentSignals(connection);
  }

  /** A handle is written as its number, any other function becomes a callback. */
  encodeFunction(encoder: Encoder, value: AnyFunction): true | string {
    const handle = handleStateOf(value);
    if (handle !== undefined) {
      handle.assertUsable();
      if (handle.connection !== this.#connection) throw strangeHandle(encoder.path());
      encoder.u8(HANDLE);
      encoder.varint(handle.id);
      return true;
    }
    const isLasting = isKept(value);
    if (!isLasting && !encoder.takesCallbacks)
      return 'a function, and neither an argument of a coroutine nor wrapped in keep(fn)';
    const id = this.#lend(value, isLasting);
    encoder.lent.push(id);
    encoder.u8(FUNCTION);
    encoder.varint(id);
    encoder.u8(isLasting ? 1 : 0);
    return true;
  }

  encodeHandle(): string {
    return 'the result of handle() of palitra/loop, which belongs on the loop thread';
  }

  encodeSignal(encoder: Encoder, signal: AbortSignal): true | string {
    if (!encoder.takesCallbacks)
      return 'an AbortSignal, and not among the arguments of a coroutine';
    const id = this.#numbers.next();
    encoder.lent.push(id);
    this.signals.encode(encoder, id, signal);
    return true;
  }

  decodeSignal(): never {
    throw new Error('palitra: a loop thread sent a signal');
  }

  decodeFunction(): never {
    throw new Error('palitra: a loop thread sent a function');
  }

  decodeHandle(decoder: Decoder): object {
    const id = decoder.varint();
    return createHandle(this.#connection, id, decoder.u8() === 1);
  }

  /** Could the loop thread call one, but for a coroutine that waits for this thread itself, in a callback of it? */
  get canBeCalled(): boolean {
    for (const callback of this.#callbacks.values()) {
      if (callback.owner === undefined || !thread.isInside(callback.owner)) return true;
    }
    return false;
  }

  callback(id: number): Callback | undefined {
    return this.#callbacks.get(id);
  }

  /** The call that these functions and signals were given to has ended. */
  endCall(ids: readonly number[]): void {
    for (const id of ids) {
      this.signals.end(id);
      if (this.#callbacks.get(id)?.kept === undefined) this.#callbacks.delete(id);
    }
  }

  /** The message that they were in was not sent. */
  takeBack(ids: readonly number[]): void {
    for (const id of ids) {
      this.signals.end(id);
      this.forget(id, 1);
    }
  }

  /** So many of the times that a function was sent, nothing on the loop thread holds it any more. */
  forget(id: number, times: number): void {
    const callback = this.#callbacks.get(id);
    if (callback === undefined) return;
    callback.held -= times;
    if (callback.held > 0) return;
    this.#callbacks.delete(id);
    if (callback.kept === undefined) return;
    this.#keptNumbers.delete(callback.kept);
    if (this.#keptNumbers.size === 0) this.#connection.letRunnerGo();
  }

  /** The loop thread is gone, and calls no more. */
  clear(): void {
    this.signals.clear();
    this.#callbacks.clear();
    this.#keptNumbers.clear();
  }

  #lend(callback: AnyFunction, isLasting: boolean): number {
    const known = isLasting ? this.#keptNumbers.get(callback) : undefined;
    if (known !== undefined) {
      this.#callbacks.get(known)!.held += 1;
      return known;
    }
    const id = this.#numbers.next();
    this.#callbacks.set(
      id,
      new Callback(callback, isLasting, isLasting ? undefined : this.sending),
    );
    if (isLasting) {
      this.#keptNumbers.set(callback, id);
      this.#connection.keepRunner();
    }
    return id;
  }
}

function strangeHandle(path: string): UncloneableError {
  return new UncloneableError(
    `${path} is a handle to an object on the loop thread of another runner, which cannot be reached from here. ` +
      'Use it with the runner that made it, such as runner.run(session.load(1)), or pass the data in it instead.',
    { path },
  );
}
