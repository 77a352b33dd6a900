import { resolveObjectURL } from 'node:buffer';
import { types } from 'node:util';
import type { FetchInit } from './index.ts';
import { formEntries, type FormEntry } from './form.ts';
import { upload, type UploadParts } from './upload.ts';

/** A request as it crosses to the loop thread. */
export interface RequestParts {
  readonly url: string;
  /** What a `blob:` URL stands for: each thread has its own. */
  readonly blob: Blob | undefined;
  /** What the platform's `fetch` takes besides. */
  readonly init: Record<string, unknown>;
  /** Pairs, which `fetch` checks. */
  readonly headers: readonly (readonly string[])[] | undefined;
  readonly body: BodyParts | undefined;
  /** In milliseconds; Infinity when there is no hurry. */
  readonly timeoutMs: number;
}

type BodyParts =
  | { readonly kind: 'whole'; readonly value: string | Blob | ArrayBuffer | ArrayBufferView }
  | { readonly kind: 'query'; readonly value: string }
  | { readonly kind: 'form'; readonly entries: readonly FormEntry[] }
  | UploadParts;

/** The options that the caller keeps for itself, and those that cross in a form of their own. */
const OWN_OPTIONS = new Set(['timeout', 'signal', 'body', 'headers']);

/** What a `Request` holds, besides its body and signal. `mode` and `duplex` are for the platform to choose. */
const REQUEST_OPTIONS = [
  'method',
  'redirect',
  'referrer',
  'referrerPolicy',
  'credentials',
  'cache',
  'integrity',
  'keepalive',
] as const;

/** @throws {TypeError} for a body that cannot be read while this thread is blocked. */
export function takeApart(
  input: string | URL | Request,
  init: FetchInit,
): Omit<RequestParts, 'timeoutMs'> {
  const options: Record<string, unknown> = {};
  const request = isRequest(input) ? input : undefined;
  if (request !== undefined) {
    if (request.body !== null && (init.body ?? null) === null) {
      throw new TypeError(
        'fetchSync() cannot read the body of a Request, which is a stream of this thread: this thread is blocked meanwhile. Write fetchSync(url, { method, headers, body }) instead.',
      );
    }
    for (const name of REQUEST_OPTIONS) options[name] = request[name];
  }
  for (const [name, value] of Object.entries(init)) {
    if (!OWN_OPTIONS.has(name) && value !== undefined) options[name] = value;
  }
  const url = urlOf(input);
  return {
    url,
    blob: url.startsWith('blob:') ? resolveObjectURL(url) : undefined,
    init: options,
    headers: headerPairs(init.headers ?? request?.headers),
    body: init.body === undefined || init.body === null ? undefined : bodyParts(init.body),
  };
}

/**
 * Also one of another copy of `fetch`, such as undici's. Asking for the platform's class would load all of
 * `fetch` on this thread, which needs none of it.
 */
export function isRequest(input: string | URL | Request): input is Request {
  return isTagged(input, 'Request');
}

export function urlOf(input: string | URL | Request): string {
  return isRequest(input) ? input.url : String(input);
}

function isTagged(value: unknown, tag: string): boolean {
  return typeof value === 'object' && Object.prototype.toString.call(value) === `[object ${tag}]`;
}

function headerPairs(headers: FetchInit['headers']): readonly (readonly string[])[] | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  return Array.from(pairs as Iterable<Iterable<unknown>>, (pair) => Array.from(pair, String));
}

function bodyParts(body: NonNullable<FetchInit['body']>): BodyParts {
  if (typeof body === 'string') return { kind: 'whole', value: body };
  if (isTagged(body, 'URLSearchParams')) return { kind: 'query', value: String(body) };
  if (body instanceof Blob || types.isAnyArrayBuffer(body) || ArrayBuffer.isView(body)) {
    return { kind: 'whole', value: body };
  }
  if (isTagged(body, 'FormData')) {
    return { kind: 'form', entries: [...formEntries(body as FormData)] };
  }
  if (
    typeof body === 'object' &&
    (Symbol.asyncIterator in body || isTagged(body, 'ReadableStream'))
  ) {
    throw new TypeError(
      'The body of fetchSync() cannot be a stream or an async iterable of this thread, which is blocked meanwhile. Give an iterable, such as a generator that yields chunks, or the bytes.',
    );
  }
  if (typeof body === 'object' && Symbol.iterator in body) {
    return upload(body as Iterable<string | Uint8Array>);
  }
  // As the platform does with anything else.
  return { kind: 'whole', value: String(body) };
}
