import { CallbackReleasedError, CancelledError, HandleDisposedError } from '../errors.ts';
import type { Decoder, DecoderBridge } from '../wire/decode.ts';
import type { Encoder } from '../wire/encode.ts';
import type { EncoderBridge } from '../wire/encoder-bridge.ts';
import { CALLBACK, CALLBACK_FORGOTTEN } from '../wire/messages.ts';
import { NativePromise } from '../wire/natives.ts';
import { HANDLE } from '../wire/tags.ts';
import { Ids } from '../wire/ids.ts';
import { enableCallContext } from './call.ts';
import { Handles, type HandleKind } from './handles.ts';
import { BorrowedSignals } from './signals.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The channel, as far as callbacks need it. */
interface CallbackSender {
  /** The coroutine of this channel's whose code is running; 0 if that is not known. */
  readonly currentCallId: number;
  send(kind: number, id: number, isForEventLoop: boolean, body: (encoder: Encoder) => void): void;
}

/** A kept function of the caller's, while something here holds it. */
interface Kept {
  readonly id: number;
  readonly callback: WeakRef<object>;
  /** In how many messages it has come. */
  times: number;
}

/** What functions and handles are on the loop thread, for one channel. */
export class LoopValues implements EncoderBridge, DecoderBridge {
  readonly wayOut = 'handle(value) (from palitra/loop) to keep it on the loop thread';
  readonly reach = 'thread';
  readonly handles = new Handles();
  readonly signals = new BorrowedSignals();
  /** The call whose arguments are being read: its callbacks live as long as it does. */
  receivingCall = 0;
  /** Why the message that is being read cannot be acted on. */
  failure: Error | undefined;
  readonly #sender: CallbackSender;
  /** The calls that have brought callbacks and have not ended. */
  readonly #liveCalls = new Set<number>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #kept = new Map<number, Kept>();
  readonly #forgotten = new FinalizationRegistry<Kept>((kept) => this.#forget(kept));
  readonly #numbers = new Ids(this.#waiting);
  #hasCallerLeft = false;

  constructor(sender: CallbackSender) {
    this.#sender = sender;
  }

  encodeFunction(_encoder: Encoder, value: (...args: never[]) => unknown): string {
    return `a function${value.name === '' ? '' : ` (${value.name})`}`;
  }

  encodeSignal(): string {
    return 'an AbortSignal (only a calling thread can give one away, as an argument)';
  }

  decodeSignal(decoder: Decoder): object {
    return this.signals.decode(decoder, this.receivingCall);
  }

  encodeHandle(encoder: Encoder, target: object): true {
    const id = this.handles.add(target);
    encoder.lent.push(id);
    encoder.u8(HANDLE);
    encoder.varint(id);
    encoder.u8((typeof target === 'function' ? 1 : 0) satisfies HandleKind);
    return true;
  }

  /** The message that these handles were in was not sent. */
  takeBack(handles: readonly number[]): void {
    for (const id of handles) this.handles.release(id);
  }

  /** A handle among the arguments is the object it stands for. */
  decodeHandle(decoder: Decoder): object | undefined {
    const target = this.handles.get(decoder.varint());
    if (target === undefined) {
      // Thrown only when the message has been read whole: what follows in it must not be lost.
      this.failure ??= new HandleDisposedError(
        'A handle was used after it was disposed of: get a new one from the coroutine that made it.',
      );
    }
    return target;
  }

  /** A function of the caller's becomes an async function here. */
  decodeFunction(decoder: Decoder): object {
    const id = decoder.varint();
    return decoder.u8() === 1 ? this.#keptCallback(id) : this.#callbackOfCall(id);
  }

  #callbackOfCall(id: number): object {
    const callId = this.receivingCall;
    this.#liveCalls.add(callId);
    return (...args: unknown[]): Promise<unknown> => {
      if (this.#liveCalls.has(callId)) return this.#call(id, callId, args);
      return NativePromise.reject(
        new CallbackReleasedError(
          'A callback was called after the coroutine it was given to had ended. Wrap it on the calling side: keep(fn).',
        ),
      );
    };
  }

  /** As long as something here holds it, a kept function is the same one in every message. */
  #keptCallback(id: number): object {
    const known = this.#kept.get(id);
    const callback = known?.callback.deref();
    if (known !== undefined && callback !== undefined) {
      known.times += 1;
      return callback;
    }
    // Which coroutine calls it is asked then: it may be another one than that which brought it.
    enableCallContext();
    const fresh = (...args: unknown[]): Promise<unknown> =>
      this.#call(id, this.#sender.currentCallId, args);
    const kept: Kept = { id, callback: new WeakRef(fresh), times: 1 };
    this.#kept.set(id, kept);
    this.#forgotten.register(fresh, kept);
    return fresh;
  }

  #forget(kept: Kept): void {
    // The function may have come again since it was collected.
    if (this.#kept.get(kept.id) === kept) this.#kept.delete(kept.id);
    this.#sender.send(CALLBACK_FORGOTTEN, kept.id, false, (encoder) => encoder.varint(kept.times));
  }

  /** The caller has answered a callback. */
  settleCallback(id: number, isFulfilled: boolean, value: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.failure !== undefined) waiting?.reject(this.failure);
    else if (isFulfilled) waiting?.resolve(value);
    else waiting?.reject(value);
  }

  /** The caller is blocked in `close()`, perhaps inside one of these callbacks: no answer is to come. */
  cancelCallbacks(): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new CancelledError('A callback was not answered: its runner is closing.'));
    }
    this.#waiting.clear();
  }

  /** A call has ended, and the callbacks and signals it was given with it. */
  endCall(callId: number): void {
    if (this.#liveCalls.size > 0) this.#liveCalls.delete(callId);
    this.signals.endCall(callId);
  }

  /** Nobody is there to answer, or to use a handle. Coroutines that go on all the same may hold this for long. */
  forsake(): void {
    this.#hasCallerLeft = true;
    this.cancelCallbacks();
    this.handles.clear();
  }

  /** `callId` is the coroutine that calls it, as far as that is known; 0 if it is not. */
  #call(functionId: number, callId: number, args: readonly unknown[]): Promise<unknown> {
    if (this.#hasCallerLeft) {
      return NativePromise.reject(
        new CallbackReleasedError('A callback was called after the thread that gave it had left.'),
      );
    }
    return new NativePromise((resolve, reject) => {
      const id = this.#numbers.next();
      this.#waiting.set(id, { resolve, reject });
      try {
        this.#sender.send(CALLBACK, id, true, (encoder) => {
          encoder.varint(functionId);
          encoder.varint(callId);
          encoder.varint(args.length);
          for (const [index, arg] of args.entries()) {
            encoder.root(arg, 'callback arguments', index);
          }
        });
      } catch (error) {
        this.#waiting.delete(id);
        reject(error);
      }
    });
  }
}
