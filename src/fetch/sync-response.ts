import { iterate } from '../iterate.ts';
import type { RunOptions } from '../options.ts';
import { run } from '../run.ts';
import type { StreamIterator } from '../stream-iterator.ts';
import type { Coroutine } from '../coroutine.ts';
import type { ResponseParts } from './on-loop.ts';
import { makeForm } from './request-parts.ts';
import { nowMs } from '../wire/clock.ts';

/** When the response and its body have to have come, and by what they may be given up. */
export interface FetchLimits {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * What `fetchSync()` returns: the platform's `Response`, with methods that block and return the value
 * itself. The body stays on the loop thread until it is asked for.
 *
 * @example
 * ```js
 * import { fetchSync } from 'palitra/fetch';
 *
 * const response = fetchSync('data:text/plain,hello');
 * console.log(response.status, response.headers.get('content-type')); // 200 text/plain
 * for (const chunk of response.body) console.log(chunk.byteLength); // 5
 * ```
 */
export class SyncResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** After redirections. */
  readonly url: string;
  readonly redirected: boolean;
  readonly type: Response['type'];
  readonly #body: ResponseParts['body'];
  readonly #limits: FetchLimits;
  #chunks: StreamIterator<Uint8Array, void> | undefined;
  #isUsed = false;

  /** @internal Responses come from `fetchSync()`. */
  constructor(parts: ResponseParts, limits: FetchLimits) {
    this.status = parts.status;
    this.statusText = parts.statusText;
    this.headers = new Headers(parts.headers.map(([...pair]) => pair));
    this.url = parts.url;
    this.redirected = parts.redirected;
    this.type = parts.type;
    this.#body = parts.body;
    this.#limits = limits;
  }

  /** Is the status in the range 200 to 299? */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Has the body been read, or begun to be? */
  get bodyUsed(): boolean {
    return this.#isUsed;
  }

  /**
   * The chunks as they come, for a plain `for…of`; null when there is no body. Leaving the loop early
   * closes the connection.
   */
  get body(): IterableIterator<Uint8Array> | null {
    if (this.#body === undefined) return null;
    return (this.#chunks ??= this.#iterate(this.#body));
  }

  /** @throws {TypeError} when the body has been read already. */
  bytes(): Uint8Array {
    const body = this.#take();
    if (body === undefined) return new Uint8Array(0);
    return this.#run(body.bytes());
  }

  /** @throws {TypeError} when the body has been read already. */
  arrayBuffer(): ArrayBuffer {
    const bytes = this.bytes();
    return bytes.byteLength === bytes.buffer.byteLength
      ? (bytes.buffer as ArrayBuffer)
      : bytes.slice().buffer;
  }

  /** @throws {TypeError} when the body has been read already. */
  blob(): Blob {
    return new Blob([this.bytes()], {
      type: this.headers.get('content-type') ?? '',
    });
  }

  /**
   * As UTF-8, whatever the headers say; that is how `fetch` does it.
   *
   * @throws {TypeError} when the body has been read already.
   */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /**
   * @throws {SyntaxError} when it is not JSON.
   * @throws {TypeError} when the body has been read already.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- as in the platform's Response
  json(): any {
    return JSON.parse(this.text());
  }

  /** @throws {TypeError} when the body has been read already, or is no form. */
  formData(): FormData {
    const body = this.#take();
    if (body === undefined) throw new TypeError('The response has no body, and so no form data.');
    return makeForm(this.#run(body.form()));
  }

  #take(): ResponseParts['body'] {
    if (this.#isUsed) {
      throw new TypeError('The body has been read already: keep what bytes() or text() returned.');
    }
    this.#isUsed = this.#body !== undefined;
    return this.#body;
  }

  #iterate(body: NonNullable<ResponseParts['body']>): StreamIterator<Uint8Array, void> {
    this.#take();
    return iterate(body.chunks(), this.#options()) as StreamIterator<Uint8Array, void>;
  }

  #run<T>(coroutine: Coroutine<T>): T {
    return run(coroutine, this.#options());
  }

  #options(): RunOptions {
    return optionsOf(this.#limits);
  }
}

/** What is left of the time. */
export function optionsOf({ deadline, signal }: FetchLimits): RunOptions {
  // It may be over already, and a timeout is never 0.
  const left = Math.max(deadline - nowMs(), 1);
  return { timeout: left, signal };
}
