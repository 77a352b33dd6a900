import { resolveObjectURL } from 'node:buffer';
import { types } from 'node:util';
import { handleStateOf } from '../handle.ts';
import { isBun } from '../runtime/which.ts';
import {
  crossingFlag,
  crossingHeaders,
  crossingText,
  crossingValue,
  isObject,
  textOf,
  type Crossing,
  type CrossingHeaders,
} from './crossing.ts';
import { formEntries, type FormEntry } from './form.ts';
import { members, type MemberKind } from './members.ts';
import { upload, type UploadParts } from './upload.ts';

/** A request as it crosses to the loop thread. */
export interface RequestParts {
  readonly url: Crossing;
  /** What a `blob:` URL stands for: each thread has its own. */
  readonly blob: Blob | undefined;
  /** What is held by the `Request`, if that is how the URL was given. */
  readonly request: InitParts | undefined;
  readonly init: InitParts;
  readonly body: BodyParts | undefined;
  /** Were there any for the platform, the signal included? */
  readonly hasOptions: boolean;
  /** Given instead of options, for the platform to refuse. */
  readonly noInit: Crossing;
  /** In milliseconds; Infinity when there is no hurry. */
  readonly timeoutMs: number;
}

/** Options without the body and the signal. */
interface InitParts {
  readonly members: Readonly<Record<string, Crossing>>;
  readonly headers: CrossingHeaders | undefined;
}

type BodyParts =
  | { readonly kind: 'whole'; readonly value: Crossing }
  | { readonly kind: 'query'; readonly value: string }
  | { readonly kind: 'form'; readonly entries: readonly FormEntry[] }
  | UploadParts;

type Init = Readonly<Record<string, unknown>>;

/** What a `Request` holds, besides its body and signal. `duplex` is for the platform to choose. */
const REQUEST_OPTIONS = [
  'method',
  'mode',
  'redirect',
  'referrer',
  'referrerPolicy',
  'credentials',
  'cache',
  'integrity',
  'keepalive',
] as const;

const convert: Readonly<Record<MemberKind, (value: unknown) => Crossing>> = {
  text: crossingText,
  word: (value) => (types.isStringObject(value) ? textOf(value) : crossingFlag(value)),
  flag: crossingFlag,
  value: crossingValue,
};

/** @throws {TypeError} for a body that cannot be read while this thread is blocked. */
export function takeApart(
  input: unknown,
  given: unknown,
  signal: unknown,
): Omit<RequestParts, 'timeoutMs'> {
  const init: Init = isObject(given) ? (given as Init) : {};
  const request = isRequest(input) ? input : undefined;
  const url = request?.url ?? (isObject(input) ? textOf(input) : crossingText(input));
  const parts = initParts(init);
  const { body } = init;
  if (request !== undefined && request.body !== null && (body ?? null) === null) {
    throw new TypeError(
      'fetchSync() cannot read the body of a Request, which is a stream of this thread: this thread is blocked meanwhile. Write fetchSync(url, { method, headers, body }) instead.',
    );
  }
  return {
    url,
    blob: typeof url === 'string' && url.startsWith('blob:') ? resolveObjectURL(url) : undefined,
    request: request === undefined ? undefined : requestParts(request),
    init: parts,
    body: body === undefined || body === null ? undefined : bodyParts(body),
    hasOptions:
      Object.keys(parts.members).length > 0 ||
      [parts.headers, body, signal].some((value) => value !== undefined),
    // Bun takes no notice of it.
    noInit: isObject(given) || given === null || isBun ? undefined : crossingText(given),
  };
}

function initParts(init: Init): InitParts {
  const parts: Record<string, Crossing> = {};
  for (const [name, kind] of Object.entries(members)) {
    const value = init[name];
    if (value === undefined) continue;
    if (name === 'dispatcher') checkDispatcher(value);
    parts[name] = convert[kind](value);
  }
  const { headers } = init;
  return {
    members: parts,
    headers: headers === undefined ? undefined : crossingHeaders(headers),
  };
}

function requestParts(request: Request): InitParts {
  const held = REQUEST_OPTIONS.map((name) => [name, crossingText(request[name])] as const);
  return { members: Object.fromEntries(held), headers: crossingHeaders(request.headers) };
}

/**
 * Also one of another copy of `fetch`, such as undici's. Asking for the platform's class would load all of
 * `fetch` on this thread, which needs none of it.
 */
export function isRequest(input: unknown): input is Request {
  return isTagged(input, 'Request');
}

function isTagged(value: unknown, tag: string): boolean {
  return typeof value === 'object' && Object.prototype.toString.call(value) === `[object ${tag}]`;
}

/** @throws {TypeError} for a dispatcher of this thread. */
function checkDispatcher(value: unknown): void {
  if (!isObject(value) || handleStateOf(value) !== undefined) return;
  if (typeof (value as { dispatch?: unknown }).dispatch !== 'function') return;
  throw new TypeError(
    "A dispatcher of fetchSync() works on the loop thread, and has to be made there: const undici = coroutines('undici', import.meta), and then run(new undici.ProxyAgent(url)).",
  );
}

function bodyParts(body: unknown): BodyParts {
  if (!isObject(body)) return { kind: 'whole', value: crossingText(body) };
  if (isTagged(body, 'URLSearchParams')) return { kind: 'query', value: textOf(body) };
  if (body instanceof Blob || types.isAnyArrayBuffer(body) || ArrayBuffer.isView(body)) {
    return { kind: 'whole', value: crossingValue(body) };
  }
  if (isTagged(body, 'FormData')) {
    return { kind: 'form', entries: [...formEntries(body as FormData)] };
  }
  if (Symbol.asyncIterator in body || isTagged(body, 'ReadableStream')) {
    throw new TypeError(
      'The body of fetchSync() cannot be a stream or an async iterable of this thread, which is blocked meanwhile. Give an iterable, such as a generator that yields chunks, or the bytes.',
    );
  }
  // A text in an object can be iterated, and is a text all the same.
  if (Symbol.iterator in body && !types.isStringObject(body)) {
    return upload(body as Iterable<string | Uint8Array>);
  }
  // As the platform does with anything else.
  return { kind: 'whole', value: crossingText(body) };
}
