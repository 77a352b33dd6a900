import { setMaxListeners } from 'node:events';
import type { Decoder } from '../wire/decode.ts';
import { NativeAbortController } from '../wire/natives.ts';

/** The AbortSignals of the caller's that calls in flight have among their arguments. */
export class BorrowedSignals {
  readonly #controllers = new Map<number, AbortController>();
  readonly #ofCalls = new Map<number, number[]>();

  /** Reads a signal of the call's. It can be aborted until the call ends. */
  decode(decoder: Decoder, callId: number): AbortSignal {
    const id = decoder.varint();
    const controller = new NativeAbortController();
    const { signal } = controller;
    // Hundreds of operations may listen to one signal; that is no leak.
    setMaxListeners(0, signal);
    decoder.remember(signal);
    if (decoder.u8() === 1) {
      decoder.contents(() => controller.abort(decoder.present()));
      return signal;
    }
    this.#controllers.set(id, controller);
    const ids = this.#ofCalls.get(callId);
    if (ids === undefined) this.#ofCalls.set(callId, [id]);
    else ids.push(id);
    return signal;
  }

  abort(id: number, reason: unknown): void {
    this.#controllers.get(id)?.abort(reason);
  }

  endCall(callId: number): void {
    if (this.#ofCalls.size === 0) return;
    for (const id of this.#ofCalls.get(callId) ?? []) this.#controllers.delete(id);
    this.#ofCalls.delete(callId);
  }
}
