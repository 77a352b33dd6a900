import type { Stream } from './caller/stream.ts';

/** Ends the producer of an iterator that was forgotten in the middle. */
const forgotten = new FinalizationRegistry<Stream>((stream) => stream.forget());

/**
 * A synchronous iterator over an async iterable on the loop thread, as `iterate()` returns it. It can be
 * iterated once, like a generator.
 *
 * @example
 * ```js
 * import { coroutine, iterate } from 'palitra';
 *
 * const squares = coroutine(async function* () {
 *   for (let n = 1; ; n++) yield n * n;
 * });
 * const iterator = iterate(squares());
 * console.log(iterator.next().value, iterator.next().value); // 1 4
 * iterator.return(); // the producer's finally has run
 * ```
 */
export class StreamIterator<T, R = unknown, N = unknown> implements IterableIterator<T, R, N> {
  readonly #stream: Stream;

  /** @internal Made by `iterate()`. */
  constructor(stream: Stream) {
    this.#stream = stream;
    forgotten.register(this, stream);
  }

  /** Blocks until there is an item. With `highWaterMark: 1`, `value` is what `yield` returns in the producer. */
  next(value?: N): IteratorResult<T, R> {
    return this.#stream.next(value) as IteratorResult<T, R>;
  }

  /** Ends the iteration; blocks until the producer's `finally` has run. */
  return(value?: R): IteratorResult<T, R> {
    return this.#stream.return(value) as IteratorResult<T, R>;
  }

  /** With `highWaterMark: 1`, throws at the producer's `yield`; otherwise ends the iteration and throws here. */
  throw(error: unknown): IteratorResult<T, R> {
    return this.#stream.throw(error) as IteratorResult<T, R>;
  }

  /** Itself: it can be iterated once. */
  [Symbol.iterator](): this {
    return this;
  }

  /** As `return()`, for `using`. */
  [Symbol.dispose](): void {
    this.return();
  }
}
