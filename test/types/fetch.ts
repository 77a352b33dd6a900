import { coroutines, run } from 'palitra';
import { fetchSync, type FetchInit, type SyncBody, type SyncResponse } from 'palitra/fetch';
import type * as Undici from 'undici';
import type { Equal, Expect } from './expect.ts';

const response = fetchSync('http://localhost/', { timeout: 1_000 });

export type Checks = [
  Expect<Equal<typeof response, SyncResponse>>,
  Expect<Equal<typeof response.status, number>>,
  Expect<Equal<typeof response.ok, boolean>>,
  Expect<Equal<typeof response.headers, Headers>>,
  Expect<Equal<typeof response.body, SyncBody | null>>,
  Expect<Equal<ReturnType<SyncResponse['text']>, string>>,
  Expect<Equal<ReturnType<SyncResponse['bytes']>, Uint8Array>>,
  Expect<Equal<ReturnType<SyncResponse['arrayBuffer']>, ArrayBuffer>>,
  Expect<Equal<ReturnType<SyncResponse['blob']>, Blob>>,
  Expect<Equal<ReturnType<SyncResponse['formData']>, FormData>>,
  Expect<Equal<ReturnType<SyncResponse['clone']>, SyncResponse>>,
];

export function bodies(): void {
  const method = 'POST';
  fetchSync(new URL('http://localhost/'), { method, body: 'text' });
  fetchSync('', { method, body: new Uint8Array(1) });
  fetchSync('', { method, body: new ArrayBuffer(1) });
  fetchSync('', { method, body: new Blob([]) });
  fetchSync('', { method, body: new FormData() });
  fetchSync('', { method, body: new URLSearchParams() });
  fetchSync('', { method, body: ['a', new Uint8Array(1)] });
  fetchSync('', { method, body: null, signal: null });
  fetchSync('', {
    method,
    body: (function* () {
      yield 'a';
    })(),
  });
  // @ts-expect-error -- a stream of this thread cannot be read while it is blocked
  fetchSync('', { method, body: new Blob([]).stream() });
  // @ts-expect-error -- neither can an async iterable
  fetchSync('', { method, body: (async function* () {})() });
  // @ts-expect-error -- chunks are texts or bytes
  fetchSync('', { method, body: [1] });
}

export function options(): void {
  const init: FetchInit = {
    headers: [['a', 'b']],
    redirect: 'manual',
    signal: new AbortController().signal,
  };
  fetchSync(new Request('http://localhost/'), init);
  const { Agent } = coroutines<typeof Undici>('undici', import.meta);
  fetchSync('', { dispatcher: run(new Agent()) });
  // @ts-expect-error -- milliseconds
  fetchSync('', { timeout: '1s' });
  // @ts-expect-error -- one of three
  fetchSync('', { redirect: 'never' });
  // @ts-expect-error -- a dispatcher is made on the loop thread
  fetchSync('', { dispatcher: {} });
}

// @ts-expect-error -- an iterable that blocks, and no stream
export const stream: ReadableStream | null = response.body;

export function loops(): string[] {
  const texts: string[] = [];
  for (const chunk of response.body ?? []) texts.push(Buffer.from(chunk).toString());
  return texts;
}
