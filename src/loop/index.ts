/**
 * `palitra/loop`: for code that runs on the loop thread. Everywhere else these functions do nothing,
 * so that the same module also works when it is simply imported.
 *
 * @module palitra/loop
 */
import { setMaxListeners } from 'node:events';
import { asMarker, HandleMarker, TransferMarker } from '../wire/markers.ts';
import type { Handle } from '../handle.ts';
import { getLoopHost } from '../wire/loop-host.ts';
import { NativeAbortController } from '../wire/natives.ts';
import { currentJob, getJobHost } from '../wire/remote-jobs.ts';
import type { Transferable } from 'node:worker_threads';

export type { Handle } from '../handle.ts';
export { sharedContext } from '../context.ts';
export { keep } from '../keep.ts';
export { registerError } from '../register-error.ts';

const host = getLoopHost();
host?.enableContext();

/** A new one each time: what listens to it would be held for ever by one for all. */
function never(): AbortSignal {
  const { signal } = new NativeAbortController();
  setMaxListeners(0, signal);
  return signal;
}

/**
 * Is this code running on a loop thread of palitra's?
 *
 * @example
 * ```js
 * import { isLoopThread } from 'palitra/loop';
 *
 * console.log(isLoopThread()); // false
 * ```
 */
export function isLoopThread(): boolean {
  return host !== undefined;
}

/**
 * The signal of the coroutine that is running. It is aborted, with the error as its reason, when the
 * call times out, is cancelled, or its runner is closed; in a coroutine that came from a queue
 * (`palitra/bullmq`), also when its worker stops. Elsewhere, and outside any coroutine, it is a signal
 * that never aborts.
 *
 * @example
 * ```js
 * import { getSignal } from 'palitra/loop';
 *
 * export async function download(url) {
 *   const response = await fetch(url, { signal: getSignal() });
 *   return response.text();
 * }
 * ```
 */
export function getSignal(): AbortSignal {
  return currentJob()?.signal ?? host?.getSignal() ?? never();
}

/**
 * Tells the caller that is blocked in `start()` that this coroutine is ready; `value` is what `start()`
 * returns as its `value`. The coroutine goes on running. Further calls, and calls off the loop thread, do
 * nothing.
 *
 * @throws {UncloneableError} when the value cannot be copied.
 *
 * @example
 * ```js
 * import { createServer } from 'node:http';
 * import { getSignal, started } from 'palitra/loop';
 *
 * export async function serve() {
 *   const server = createServer((_, response) => response.end('hello')).listen(0);
 *   await new Promise((resolve) => server.once('listening', resolve));
 *   started(server.address().port);
 *   await new Promise((resolve) => getSignal().addEventListener('abort', resolve));
 *   server.close();
 * }
 * ```
 */
export function started(value?: unknown): void {
  host?.started(value);
}

/**
 * Has a function called and awaited when the loop thread ends: by `close()`, by
 * `shutdownGlobalRunner()`, or with the process. The last one registered is called first. Together
 * they have `shutdownTimeout` milliseconds. In a worker of a queue (`palitra/bullmq`) it is called when
 * that stops; anywhere else off the loop thread it does nothing.
 *
 * @example
 * ```js
 * import { onShutdown } from 'palitra/loop';
 *
 * onShutdown(async () => {
 *   await new Promise((resolve) => setTimeout(resolve, 10)); // such as pool.end()
 * });
 * ```
 */
export function onShutdown(cleanUp: () => unknown): void {
  if (typeof cleanUp !== 'function') {
    throw new TypeError(
      `onShutdown() takes a function, such as onShutdown(() => pool.end()), not ${typeof cleanUp}.`,
    );
  }
  if (host === undefined) getJobHost()?.cleanUps.push(cleanUp);
  else host.onShutdown(cleanUp);
}

/**
 * Keeps an object on the loop thread: return `handle(session)` from a coroutine, and the caller gets a
 * {@link Handle} to it. Off the loop thread it returns the object itself. From a worker of a queue
 * (`palitra/bullmq`) no handle can be returned: that is an `UncloneableError`.
 *
 * @example
 * ```js
 * import { handle } from 'palitra/loop';
 *
 * export async function openSession(url) {
 *   return handle({ url, get: async (path) => (await fetch(new URL(path, url))).text() });
 * }
 * ```
 */
export function handle<T extends object>(target: T): Handle<T> {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw new TypeError(
      `handle() takes an object or a function, not ${target === null ? 'null' : typeof target}: return the value itself.`,
    );
  }
  if ((host === undefined && currentJob() === undefined) || asMarker(target)?.kind === 'handle')
    return target as never;
  return new HandleMarker(target) as never;
}

/**
 * Moves what is in `list` to the caller instead of copying it; `value` is what the coroutine returns,
 * throws, yields, or gives to a callback, and must hold what is moved. What was moved can no longer be
 * used here. If one entry cannot be moved, the call fails with `UncloneableError`, whose `path` names
 * the entry, and nothing is moved. Off the loop thread it returns the value itself.
 *
 * @throws {TypeError} when `list` is not an array.
 *
 * @example
 * ```js
 * import { transfer } from 'palitra/loop';
 *
 * export async function compress(text) {
 *   const bytes = new TextEncoder().encode(text);
 *   return transfer(bytes, [bytes.buffer]);
 * }
 * ```
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  return (
    host === undefined || currentJob() !== undefined ? value : new TransferMarker(value, list)
  ) as T;
}
