import { types } from 'node:util';
import type { FetchInit } from './index.ts';

/** A request as it crosses to the loop thread. */
export interface RequestParts {
  readonly url: string;
  /** What the platform's `fetch` takes besides. */
  readonly init: Record<string, unknown>;
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined;
  readonly body: BodyParts | undefined;
}

type BodyParts =
  | { readonly kind: 'whole'; readonly value: string | Blob | ArrayBuffer | ArrayBufferView }
  | { readonly kind: 'query'; readonly value: string }
  | { readonly kind: 'form'; readonly entries: readonly FormEntry[] }
  /** Called for one chunk after the other; undefined at the end. */
  | { readonly kind: 'chunks'; readonly next: () => string | Uint8Array | undefined };

export type FormEntry = readonly [name: string, value: string | Blob, fileName: string | undefined];

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
export function takeApart(input: string | URL | Request, init: FetchInit): RequestParts {
  const options: Record<string, unknown> = {};
  let { headers } = init;
  if (input instanceof Request) {
    if (input.body !== null && init.body === undefined) {
      throw new TypeError(
        'fetchSync() cannot read the body of a Request, which is a stream of this thread: this thread is blocked meanwhile. Write fetchSync(url, { method, headers, body }) instead.',
      );
    }
    for (const name of REQUEST_OPTIONS) options[name] = input[name];
    headers ??= input.headers;
  }
  for (const [name, value] of Object.entries(init)) {
    if (!OWN_OPTIONS.has(name) && value !== undefined) options[name] = value;
  }
  return {
    url: input instanceof Request ? input.url : String(input),
    init: options,
    headers: headers === undefined ? undefined : [...new Headers(headers)],
    body: init.body === undefined || init.body === null ? undefined : bodyParts(init.body),
  };
}

function bodyParts(body: NonNullable<FetchInit['body']>): BodyParts {
  if (typeof body === 'string') return { kind: 'whole', value: body };
  if (body instanceof URLSearchParams) return { kind: 'query', value: String(body) };
  if (body instanceof Blob || types.isAnyArrayBuffer(body) || ArrayBuffer.isView(body)) {
    return { kind: 'whole', value: body };
  }
  if (body instanceof FormData) return { kind: 'form', entries: [...formEntries(body)] };
  if (body instanceof ReadableStream || Symbol.asyncIterator in body) {
    throw new TypeError(
      'The body of fetchSync() cannot be a stream or an async iterable of this thread, which is blocked meanwhile. Give an iterable, such as a generator that yields chunks, or the bytes.',
    );
  }
  if (Symbol.iterator in body) return { kind: 'chunks', next: nextOf(body) };
  // As the platform does with anything else.
  return { kind: 'whole', value: String(body) };
}

function nextOf(body: Iterable<string | Uint8Array>): () => string | Uint8Array | undefined {
  const iterator = body[Symbol.iterator]();
  return () => {
    const { done, value } = iterator.next();
    return done === true ? undefined : value;
  };
}

/** Entries of a form, as they cross: the name of a file is lost when the file is copied. */
export function* formEntries(form: FormData): Generator<FormEntry> {
  for (const [name, value] of form) {
    yield typeof value === 'string' ? [name, value, undefined] : [name, value, value.name];
  }
}

export function makeForm(entries: readonly FormEntry[]): FormData {
  const form = new FormData();
  for (const [name, value, fileName] of entries) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, fileName);
  }
  return form;
}
