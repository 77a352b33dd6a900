import { globalRunner } from './global-runner.ts';
import type { SyncOptions } from './options.ts';
import { makeSync } from './sync-functions.ts';
import type { Coroutines, Sync, SyncModule } from './types.ts';

/**
 * The same functions, made plain synchronous ones: each blocks until its coroutine has ended on the
 * global runner's loop thread. Takes what `coroutines()` or `coroutine()` returned. `timeout` (milliseconds)
 * and `signal` hold for each call.
 *
 * With `values: true` the module is imported at once, and what it exports is there under its own names: what is
 * not a function by value, as it was at that moment, and nested objects that hold functions likewise. A value
 * that cannot be copied throws when it is read.
 *
 * @throws {TypeError} when it is neither, or for an option it does not know.
 * @throws {RangeError} for a `timeout` that is not above zero.
 *
 * @example
 * ```js
 * import { coroutines, sync } from 'palitra';
 *
 * const fs = sync(coroutines('node:fs/promises'), { timeout: 5_000 });
 * console.log(fs.readFile('package.json', 'utf8').length > 0); // true
 *
 * const path = sync(coroutines('node:path'), { values: true });
 * console.log(path.posix.sep, path.posix.join('a', 'b')); // / a/b
 * ```
 */
export function sync<M>(
  api: Coroutines<M>,
  options: SyncOptions & { readonly values: true },
): SyncModule<M>;
export function sync<C extends object>(api: C, options?: SyncOptions): Sync<C>;
export function sync(api: object, options: SyncOptions = {}): object {
  return makeSync(api, options, globalRunner);
}
