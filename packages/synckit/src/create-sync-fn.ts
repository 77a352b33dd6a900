import { isAbsolute } from 'node:path';
import { pathOf, startWorkerThread } from './start-worker-thread.ts';
import type { AnyFn, Syncify, SynckitOptions } from './types.ts';

const functions = new Map<string, AnyFn>();

/**
 * The function that a worker file gives to `runAsWorker`, made synchronous: each call blocks until it has ended.
 * The thread starts at once. A second function of the same file is the first one, with its options.
 *
 * @throws {Error} when the path is not absolute.
 *
 * @example
 * ```js
 * import { createSyncFn } from '@palitra/synckit';
 *
 * const add = createSyncFn(new URL('./worker.mjs', import.meta.url), { timeout: 5_000 });
 * console.log(add(1, 2)); // 3
 * ```
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as synckit's
export function createSyncFn<T extends AnyFn>(
  workerPath: URL | string,
  timeoutOrOptions?: SynckitOptions | number,
): Syncify<T> {
  const path = pathOf(workerPath);
  const known = functions.get(path);
  if (known !== undefined) return known;
  if (!isAbsolute(path)) throw new Error('`workerPath` must be absolute');
  const fn = startWorkerThread<T>(
    path,
    typeof timeoutOrOptions === 'number' ? { timeout: timeoutOrOptions } : timeoutOrOptions,
  );
  functions.set(path, fn as AnyFn);
  return fn;
}
