/** What runs on the loop thread for `fetchSync()`. Bundled into one string by scripts/build.mjs. */
import { handle, type Handle } from '../loop/index.ts';
import { arrived, arrivedHeaders } from './arrived.ts';
import { Exchange } from './exchange.ts';
import { makeForm } from './form.ts';
import { RemoteResponse } from './remote-response.ts';
import type { RequestParts } from './request-parts.ts';
import { uploadStream, type RemoteUpload } from './upload-stream.ts';

type Body = NonNullable<RequestParts['body']>;
type RemoteBody = Exclude<Body, { readonly kind: 'chunks' }> | RemoteUpload;
type RemoteRequest = Omit<RequestParts, 'body'> & { readonly body?: RemoteBody };

/** A response whose body has not been read. */
export interface ResponseParts {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly url: string;
  readonly redirected: boolean;
  readonly type: Response['type'];
  /** Undefined when there is no body. */
  readonly body: Handle<RemoteResponse> | undefined;
}

export async function open(parts: RemoteRequest): Promise<ResponseParts> {
  const exchange = new Exchange(parts.timeoutMs);
  try {
    const response = await exchange.during(() => answer(parts, exchange.signal));
    const { status, statusText, redirected, type } = response;
    // Before the body: in Bun 1.4 that takes the type of a `data:`, `blob:` or `file:` URL out of them.
    const headers = [...response.headers];
    const hasBody = response.body !== null;
    if (!hasBody) exchange.end();
    return {
      status,
      statusText,
      headers,
      url: parts.blob === undefined ? response.url : (parts.url as string),
      redirected,
      type,
      body: hasBody ? handle(new RemoteResponse(response, exchange)) : undefined,
    };
  } catch (error) {
    exchange.end();
    throw error;
  }
}

async function answer(parts: RemoteRequest, signal: AbortSignal): Promise<Response> {
  if (parts.blob === undefined) return send(arrived(parts.url) as string, parts, signal);
  const url = URL.createObjectURL(parts.blob);
  try {
    return await send(url, parts, signal);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function send(url: string, parts: RemoteRequest, signal: AbortSignal): Promise<Response> {
  const init = initOf(parts);
  const { request, noInit } = parts;
  if (request === undefined)
    return fetch(
      url,
      noInit === undefined ? { ...init, signal } : (arrived(noInit) as RequestInit),
    );
  const held = membersOf(request);
  // What is no option at all leaves the referrer of the Request as it is, as the standard has it.
  if (!parts.hasOptions) return fetch(new Request(url, { ...held, signal }));
  return fetch(new Request(url, held), { ...init, signal });
}

function initOf(parts: RemoteRequest): Record<string, unknown> {
  const init = membersOf(parts.init);
  if (parts.body === undefined) return init;
  init['body'] = bodyOf(parts.body);
  if (parts.body.kind === 'chunks' && init['duplex'] === undefined) init['duplex'] = 'half';
  return init;
}

function membersOf({ members, headers }: RemoteRequest['init']): Record<string, unknown> {
  const init: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) init[name] = arrived(value);
  if (headers !== undefined) init['headers'] = arrivedHeaders(headers);
  return init;
}

function bodyOf(body: RemoteBody): unknown {
  if (body.kind === 'whole') return arrived(body.value);
  if (body.kind === 'query') return new URLSearchParams(body.value);
  if (body.kind === 'form') return makeForm(body.entries);
  return uploadStream(body);
}
