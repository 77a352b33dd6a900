import { fetchSync, type FetchInit, type SyncResponse } from 'palitra/fetch';

/** What a request came to, by the platform's `fetch`: all that is not different each time. */
export function ofPlatform(input: unknown, init?: unknown): Promise<unknown> {
  return outcomeOf(() => fetch(input as string, init as RequestInit));
}

/** The same by `fetchSync()`. */
export function synchronously(input: unknown, init?: unknown): Promise<unknown> {
  return outcomeOf(() => fetchSync(input as string, init as FetchInit));
}

async function outcomeOf(get: () => Promise<Response> | SyncResponse): Promise<unknown> {
  try {
    const response = await get();
    const head = headOf(response);
    return { head, body: normalize(await response.text()), bodyUsed: response.bodyUsed };
  } catch (error) {
    return describe(error);
  }
}

function headOf(response: Response | SyncResponse): Record<string, unknown> {
  const { status, statusText, ok, url, redirected, type, bodyUsed } = response;
  const headers = [...response.headers].filter(
    ([name]) => name !== 'date' && name !== 'content-length',
  );
  const hasBody = response.body !== null;
  return { status, statusText, ok, url, redirected, type, bodyUsed, headers, hasBody };
}

/** A boundary is different each time, and so is the socket. */
function normalize(body: string): string {
  return body
    .replaceAll(/-+(?:formdata-undici-\d+|WebKitFormBoundary\w+|\d{20,})/g, 'BOUNDARY')
    .replaceAll(/"socket":\d+/g, '"socket":0');
}

/** An error and its causes. Of those that are not the language's own, the name says the class. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, cause } = error;
  // Deno names the port of this side, and what a wrong URL was relative to, which is the code of the thread.
  const message = error.message
    .replaceAll(/(?<=from 127\.0\.0\.1:)\d+/g, '0')
    .replace(/ with base '[^']*'$/, '');
  const { code } = error as NodeJS.ErrnoException;
  const isTypeError = error instanceof TypeError;
  return { isTypeError, name, message, code, cause: describe(cause) };
}
