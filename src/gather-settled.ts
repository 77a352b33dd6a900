import type { Coroutine } from './coroutine.ts';
import { globalRunner } from './global-runner.ts';
import type { GatherSettledOptions } from './options.ts';
import type { SettledResults } from './types.ts';

/**
 * Runs coroutines concurrently on the global runner's loop thread and blocks until all have ended; returns
 * what became of each, in order, as `Promise.allSettled` does: a thrown `undefined` can be told from a result.
 * `concurrency` and `timeout` as of `gather`; when `timeout` is over or `signal` aborts, it throws.
 *
 * @throws {TypeError} when it is no list, or when one of them is not a coroutine; none has started then.
 * @throws {TimeoutError} when `timeout` (milliseconds) is over before all have ended.
 *
 * @example
 * ```js
 * import { coroutine, gatherSettled } from 'palitra';
 *
 * const half = coroutine(async (n) => {
 *   if (n % 2 === 1) throw new RangeError(`${n} is odd`);
 *   return n / 2;
 * });
 * const [two, odd] = gatherSettled([half(4), half(5)], { timeout: 5_000 });
 * console.log(two.value, odd.status, odd.reason.message); // 2 rejected 5 is odd
 * ```
 */
export function gatherSettled<const C extends readonly Coroutine<unknown>[]>(
  coroutines: C,
  options?: GatherSettledOptions,
): SettledResults<C> {
  return globalRunner().gatherSettled(coroutines, options);
}
