import { handle, transfer, type Handle } from '../loop/index.ts';
import type { Exchange } from './exchange.ts';
import { formEntries, type FormEntry } from './form.ts';

/** From this size on, bytes are moved rather than copied. */
const MOVE_BYTES = 16_384;

/** A response on the loop thread, whose body is read once. */
export class RemoteResponse {
  readonly #response: Response;
  readonly #exchange: Exchange;
  #hasEnded = false;

  constructor(response: Response, exchange: Exchange) {
    this.#response = response;
    this.#exchange = exchange;
  }

  async bytes(): Promise<Uint8Array> {
    return moved(await this.#readWhole(() => this.#response.arrayBuffer()));
  }

  /** With the type that the platform makes of the headers. */
  async blob(): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
    const blob = await this.#readWhole(() => this.#response.blob());
    return { type: blob.type, bytes: moved(await blob.arrayBuffer()) };
  }

  async form(): Promise<FormEntry[]> {
    return [...formEntries(await this.#readWhole(() => this.#response.formData()))];
  }

  /** As they come. Who stops early closes the connection. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const reader = this.#response.body!.getReader();
    const read = (): ReturnType<typeof reader.read> => reader.read();
    // The caller left the loop while this was reading ahead.
    const giveUp = (): void => void this.#cancel(() => reader.cancel());
    try {
      for (;;) {
        const { done, value } = await this.#exchange.during(read, giveUp);
        if (done) return;
        yield value as Uint8Array;
      }
    } finally {
      await this.#cancel(() => reader.cancel());
    }
  }

  clone(): Handle<RemoteResponse> {
    return handle(new RemoteResponse(this.#response.clone(), this.#exchange.share()));
  }

  /** Nobody wants the body. */
  async cancel(): Promise<void> {
    await this.#cancel(() => this.#response.body!.cancel());
  }

  abort(): void {
    this.#exchange.abort(undefined);
  }

  async #readWhole<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await this.#exchange.during(read);
    } finally {
      this.#end();
    }
  }

  async #cancel(cancel: () => Promise<void>): Promise<void> {
    // Of two copies that come from one stream, neither is cancelled before both are.
    const { isShared } = this.#exchange;
    this.#end();
    const cancelled = cancel().catch(() => undefined);
    if (!isShared) await cancelled;
  }

  #end(): void {
    if (!this.#hasEnded) this.#exchange.end();
    this.#hasEnded = true;
  }
}

function moved(buffer: ArrayBuffer): Uint8Array {
  const bytes = new Uint8Array(buffer);
  return bytes.length < MOVE_BYTES ? bytes : transfer(bytes, [buffer]);
}
