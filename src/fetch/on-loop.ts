/** What runs on the loop thread for `fetchSync()`. Bundled into one string by scripts/build.mjs. */
import { getSignal, handle, transfer, type Handle } from '../loop/index.ts';
import { formEntries, makeForm, type FormEntry, type RequestParts } from './request-parts.ts';

/** From this size on, bytes are moved rather than copied. */
const MOVE_BYTES = 16_384;

/** The callback that gives the chunks of a body is async on this side. */
type Remote<B> = B extends { readonly next: () => infer R }
  ? Omit<B, 'next'> & { readonly next: () => Promise<R> }
  : B;
type RemoteBody = Remote<NonNullable<RequestParts['body']>>;

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

/** Reads the body. Aborting whichever call is reading closes the connection. */
class RemoteResponse {
  readonly #response: Response;
  readonly #controller: AbortController;

  constructor(response: Response, controller: AbortController) {
    this.#response = response;
    this.#controller = controller;
  }

  async bytes(): Promise<Uint8Array> {
    const bytes = new Uint8Array(await this.#read(() => this.#response.arrayBuffer()));
    return bytes.length < MOVE_BYTES ? bytes : transfer(bytes, [bytes.buffer]);
  }

  async form(): Promise<FormEntry[]> {
    return [...formEntries(await this.#read(() => this.#response.formData()))];
  }

  /** As they come. Who stops early closes the connection. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const reader = this.#response.body!.getReader();
    try {
      for (;;) {
        const { done, value } = await this.#read(() => reader.read());
        if (done) return;
        yield value as Uint8Array;
      }
    } finally {
      await reader.cancel();
    }
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    return withSignal(this.#controller, read);
  }
}

async function withSignal<T>(controller: AbortController, body: () => Promise<T>): Promise<T> {
  const signal = getSignal();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await body();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

export async function open(
  parts: Omit<RequestParts, 'body'> & { readonly body?: RemoteBody },
): Promise<ResponseParts> {
  const controller = new AbortController();
  const init = { ...parts.init, signal: controller.signal } as RequestInit & { duplex?: 'half' };
  if (parts.headers !== undefined) init.headers = parts.headers.map(([...pair]) => pair);
  if (parts.body !== undefined) {
    init.body = bodyOf(parts.body);
    if (init.body instanceof ReadableStream) init.duplex = 'half';
  }
  const response = await withSignal(controller, () => fetch(parts.url, init));
  const { status, statusText, url, redirected, type } = response;
  return {
    status,
    statusText,
    headers: [...response.headers],
    url,
    redirected,
    type,
    body: response.body === null ? undefined : handle(new RemoteResponse(response, controller)),
  };
}

function bodyOf(body: RemoteBody): NonNullable<RequestInit['body']> {
  if (body.kind === 'whole') return body.value as NonNullable<RequestInit['body']>;
  if (body.kind === 'query') return new URLSearchParams(body.value);
  if (body.kind === 'form') return makeForm(body.entries);
  return new ReadableStream({
    async pull(controller) {
      const chunk = await body.next();
      if (chunk === undefined) controller.close();
      else controller.enqueue(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    },
  });
}
