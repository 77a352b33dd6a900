/**
 * palitra/fetch: the platform's `fetch`, blocking.
 *
 * @module palitra/fetch
 */
import { coroutines } from '../coroutines.ts';
import { fetchSource } from '../generated/fetch-source.ts';
import { checkDuration, checkSignal } from '../options.ts';
import { run } from '../run.ts';
import type { Handle } from '../handle.ts';
import type { Crossing } from './crossing.ts';
import { FetchLimits } from './limits.ts';
import type { ResponseParts } from './on-loop.ts';
import { checkForMisspeltTimeout } from './misspelt-timeout.ts';
import { inTermsOfInit } from './name-of-member.ts';
import { isRequest, takeApart, type RequestParts } from './request-parts.ts';
import { ResponseBody } from './response-body.ts';
import { SyncResponse } from './sync-response.ts';

export { SyncResponse } from './sync-response.ts';
export type { SyncBody } from './sync-body.ts';

/**
 * As of the platform's `fetch`, but for a `body` that can be read by a thread that is blocked, and a
 * `timeout`.
 *
 * @example
 * ```js
 * import { fetchSync } from 'palitra/fetch';
 *
 * try {
 *   fetchSync('http://localhost:1/comments', {
 *     method: 'POST',
 *     headers: { 'content-type': 'application/json' },
 *     body: JSON.stringify({ text: 'hello' }),
 *     timeout: 5_000,
 *   });
 * } catch (error) {
 *   console.log(error.message); // fetch failed: nobody listens there
 * }
 * ```
 */
export interface FetchInit extends Omit<RequestInit, 'body' | 'signal' | 'dispatcher'> {
  /** A string, bytes, `Blob`, `FormData`, `URLSearchParams`, or an iterable of chunks, such as a generator or an array. */
  readonly body?:
    | string
    | ArrayBuffer
    | ArrayBufferView
    | Blob
    | FormData
    | URLSearchParams
    | Iterable<string | Uint8Array>
    | null
    | undefined;
  /**
   * In milliseconds, for the response and its body together.
   *
   * @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * Aborting it, from a callback for instance, closes the connection and throws the reason. The timer of
   * an `AbortSignal.timeout()` cannot fire while this thread is blocked: without a `timeout` such a signal
   * is a `TypeError` (Bun does not tell it from others).
   */
  readonly signal?: AbortSignal | null | undefined;
  /** A dispatcher of undici's, such as a proxy, which is made on the loop thread and stays there. */
  readonly dispatcher?: Handle<object> | undefined;
}

interface OnLoop {
  open(parts: RequestParts): Promise<ResponseParts>;
}

/** A `data:` URL, so that no bundler can lose a file. */
const onLoop = coroutines<OnLoop>(`data:text/javascript,${encodeURIComponent(fetchSource)}`);

/**
 * The platform's `fetch`, blocking. It runs on the global runner's loop thread, where connections stay
 * open for the next request.
 *
 * The options are read as `fetch` reads them, and what it takes no notice of is ignored.
 *
 * @throws {TypeError} as `fetch`: for a URL or option that is wrong, and with a `cause` when the server
 *   cannot be reached; and for a misspelt `timeout`.
 * @throws {UncloneableError} for a body or option that cannot be copied to the loop thread.
 * @throws {TimeoutError} when `timeout` is over.
 *
 * @example
 * ```js
 * import { fetchSync } from 'palitra/fetch';
 *
 * const response = fetchSync('data:application/json,{"answer":42}', { timeout: 5_000 });
 * console.log(response.ok, response.json().answer); // true 42
 * ```
 */
export function fetchSync(input: string | URL | Request, init?: FetchInit | null): SyncResponse {
  checkForMisspeltTimeout(init);
  const timeoutMs = checkDuration(init?.timeout, 'timeout');
  const given = init?.signal;
  const own = given === undefined && isRequest(input) ? input.signal : given;
  const signal = checkSignal(own ?? undefined);
  const parts = takeApart(input, init, given);
  const limits = new FetchLimits(timeoutMs, signal, urlForMessages(parts.url));
  const { body, ...head } = open(parts, limits);
  return new SyncResponse(head, body === undefined ? undefined : new ResponseBody(body, limits));
}

function open(parts: Omit<RequestParts, 'timeoutMs'>, limits: FetchLimits): ResponseParts {
  try {
    return limits.within('The response', (options) => {
      const { timeout: timeoutMs = Infinity } = options;
      return run(onLoop.open({ ...parts, timeoutMs }), options);
    });
  } catch (error) {
    if (parts.body?.kind === 'chunks') parts.body.stop();
    throw inTermsOfInit(error);
  }
}

function urlForMessages(url: Crossing): string {
  return typeof url === 'object' ? 'what is no URL' : String(url);
}
