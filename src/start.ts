import type { Coroutine } from './coroutine.ts';
import { globalRunner } from './global-runner.ts';
import type { RunOptions } from './options.ts';
import type { Started } from './task.ts';

/**
 * Starts a server, watcher or pool, and blocks until it is ready: until the coroutine calls
 * `started(value)` of `palitra/loop`. It then goes on running as a task. `timeout`, in milliseconds, is for
 * becoming ready. As `start` of anyio's task groups.
 *
 * @throws what the coroutine throws before it is ready, or an `Error` when it ends without calling `started()`.
 * @throws {TimeoutError} when `timeout` is over first; the coroutine's signal is then aborted.
 *
 * @example
 * ```js
 * import { coroutine, start } from 'palitra';
 *
 * const serve = coroutine(async () => {
 *   const { started } = await import('palitra/loop');
 *   started('ready');
 *   await new Promise((resolve) => setTimeout(resolve, 20));
 *   return 'ended';
 * });
 * const { task, value } = start(serve());
 * console.log(value, task.result()); // ready ended
 * ```
 */
export function start<T, V = unknown>(
  coroutine: Coroutine<T>,
  options?: RunOptions,
): Started<T, V> {
  return globalRunner().start<T, V>(coroutine, options);
}
