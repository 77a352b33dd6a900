import type { Coroutine } from './coroutine.ts';
import { globalRunner } from './global-runner.ts';
import type { GatherOptions } from './options.ts';
import type { Results, ResultsOrErrors } from './types.ts';

/**
 * Runs coroutines concurrently on the global runner's loop thread and blocks until all have ended;
 * returns their results in order. As `asyncio.gather`, it throws the first failure in time, unless
 * `returnExceptions` is set. Beyond that, no more are started then, and the signals of the others are aborted.
 * `timeout`, in milliseconds, covers the whole group. All are checked before any starts; none gives `[]`.
 * With `concurrency: 8` at most eight are in flight at once, started in order.
 *
 * @throws as `run`.
 *
 * @example
 * ```js
 * import { coroutine, gather } from 'palitra';
 *
 * const double = coroutine(async (n) => 2 * n);
 * console.log(gather(double(1), double(2))); // [ 2, 4 ]
 * console.log(gather([3, 4, 5].map((n) => double(n)), { concurrency: 2, timeout: 5_000 })); // [ 6, 8, 10 ]
 * ```
 */
export function gather<const C extends readonly Coroutine<unknown>[]>(...coroutines: C): Results<C>;
export function gather<const C extends readonly Coroutine<unknown>[]>(
  coroutines: C,
  options: GatherOptions & { readonly returnExceptions: true },
): ResultsOrErrors<C>;
export function gather<const C extends readonly Coroutine<unknown>[]>(
  coroutines: C,
  options?: GatherOptions,
): Results<C>;
export function gather(...args: readonly unknown[]): unknown[] {
  return globalRunner().gather(...(args as readonly Coroutine<unknown>[]));
}
