import { inspect } from 'node:util';
import { makeForm } from './form.ts';
import type { ResponseParts } from './on-loop.ts';
import type { ResponseBody } from './response-body.ts';
import { SyncBody } from './sync-body.ts';

/** What there is of a response before its body. */
type Head = Omit<ResponseParts, 'body'>;

/**
 * What `fetchSync()` returns: the platform's `Response`, with methods that block and return the value
 * itself, and with a `body` that is an iterable rather than a `ReadableStream`. The body stays on the loop thread until it is asked for. `using` closes the connection of a
 * response whose body has not been read to its end; so does, some time, the garbage collection.
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
export class SyncResponse implements Disposable {
  readonly status: number;
  readonly statusText: string;
  /** After redirections. */
  readonly url: string;
  readonly redirected: boolean;
  readonly type: Response['type'];
  readonly #head: Head;
  readonly #source: ResponseBody | undefined;
  #headers: Headers | undefined;
  #body: SyncBody | undefined;

  /** @internal Responses come from `fetchSync()`. */
  constructor(head: Head, source: ResponseBody | undefined) {
    this.status = head.status;
    this.statusText = head.statusText;
    this.url = head.url;
    this.redirected = head.redirected;
    this.type = head.type;
    this.#head = head;
    this.#source = source;
  }

  get headers(): Headers {
    // Made when it is asked for: the first one loads all of the platform's `fetch` on this thread.
    return (this.#headers ??= new Headers(this.#head.headers.map(([...pair]) => pair)));
  }

  /** Is the status in the range 200 to 299? */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Has the body been read, or begun to be? */
  get bodyUsed(): boolean {
    return this.#source?.isUsed ?? false;
  }

  /**
   * The chunks as they come, for a plain `for…of`. It is no `ReadableStream`; `ReadableStream.from()` and
   * `Readable.from()` make one of it. Null where the platform's is: after a `HEAD`, for the statuses 204
   * and 304. Leaving the loop early closes the connection.
   */
  get body(): SyncBody | null {
    if (this.#source === undefined) return null;
    return (this.#body ??= new SyncBody(this.#source));
  }

  /** @throws {TypeError} when the body has been read already. */
  bytes(): Uint8Array {
    return this.#source?.bytes() ?? new Uint8Array(0);
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
    if (this.#source === undefined) {
      return new Blob([], { type: this.headers.get('content-type') ?? '' });
    }
    const { type, bytes } = this.#source.blob();
    return new Blob([bytes], { type });
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
    if (this.#source === undefined) {
      throw new TypeError('The response has no body, and so no form data.');
    }
    return makeForm(this.#source.form());
  }

  /**
   * A second response with a body of its own, to be read besides this one's. What one of the two has
   * read, and the other has not, is kept in memory.
   *
   * @throws {TypeError} when the body has been read already.
   */
  clone(): SyncResponse {
    return new SyncResponse(this.#head, this.#source?.clone());
  }

  /** Closes the connection, unless the whole body has been read. */
  [Symbol.dispose](): void {
    this.#source?.close();
  }

  /** @internal What `console.log` shows, as it does of the platform's. */
  [inspect.custom](_depth: number, options: object): string {
    const { status, statusText, headers, bodyUsed, ok, redirected, type, url } = this;
    const shown = { status, statusText, headers, bodyUsed, ok, redirected, type, url };
    return `SyncResponse ${inspect(shown, options)}`;
  }
}
