import type { Coroutine } from './coroutine.ts';
import { globalRunner } from './global-runner.ts';
import type { IterateOptions } from './options.ts';
import type { StreamIterator } from './stream-iterator.ts';
import type { StreamItem, StreamReturn, StreamSource } from './types.ts';

/**
 * Iterates, synchronously, what a coroutine returns: an async generator, any iterable, a
 * `ReadableStream` or a Node `Readable`. Items come in batches, and the producer runs at most
 * `highWaterMark` items ahead. It starts with the first item that is asked for.
 *
 * `break`, `return` or an exception in the loop body runs the producer's `finally` before the next
 * statement. With `highWaterMark: 1` both sides go in lock-step, and `next(value)` and `throw(error)` of
 * the iterator reach the producer. `timeout`, in milliseconds, is for each item.
 *
 * @throws what the producer throws, in its place among the items.
 * @throws {TypeError} when the coroutine's value cannot be iterated.
 *
 * @example
 * ```js
 * import { coroutine, iterate } from 'palitra';
 *
 * const countTo = coroutine(async function* (last) {
 *   for (let n = 1; n <= last; n++) yield n;
 * });
 * for (const n of iterate(countTo(3))) console.log(n); // 1, 2, 3
 * ```
 */
export function iterate<S extends StreamSource>(
  coroutine: Coroutine<S>,
  options?: IterateOptions,
): StreamIterator<StreamItem<S>, StreamReturn<S>> {
  return globalRunner().iterate(coroutine, options);
}
