/** What runs on the loop thread for `fetchSync()`. Bundled into one string by scripts/build.mjs. */
import { handle, type Handle } from '../loop/index.ts';
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
      url: parts.blob === undefined ? response.url : parts.url,
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
  const init = { ...parts.init, signal } as RequestInit & { duplex?: 'half' };
  if (parts.headers !== undefined) init.headers = parts.headers as [string, string][];
  if (parts.body !== undefined) {
    init.body = bodyOf(parts.body);
    if (init.body instanceof ReadableStream) init.duplex = 'half';
  }
  if (parts.blob === undefined) return fetch(parts.url, init);
  const url = URL.createObjectURL(parts.blob);
  try {
    return await fetch(url, init);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function bodyOf(body: RemoteBody): NonNullable<RequestInit['body']> {
  if (body.kind === 'whole') return body.value as NonNullable<RequestInit['body']>;
  if (body.kind === 'query') return new URLSearchParams(body.value);
  if (body.kind === 'form') return makeForm(body.entries);
  return uploadStream(body);
}
