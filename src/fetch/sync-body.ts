import type { ResponseBody } from './response-body.ts';

/**
 * The body of a response, for a plain `for…of`: its chunks as they come. It is no `ReadableStream`, which
 * a blocked thread could not read.
 *
 * @example
 * ```js
 * import { fetchSync } from 'palitra/fetch';
 *
 * let length = 0;
 * for (const chunk of fetchSync('data:,hello').body) length += chunk.byteLength;
 * console.log(length); // 5
 * ```
 */
export class SyncBody implements IterableIterator<Uint8Array, void, undefined>, Disposable {
  readonly #source: ResponseBody;
  #hasEnded = false;

  /** @internal */
  constructor(source: ResponseBody) {
    this.#source = source;
  }

  /** Blocks until there is a chunk, or the end. @throws {TypeError} when the body has been read already. */
  next(): IteratorResult<Uint8Array, void> {
    if (this.#hasEnded) return { done: true, value: undefined };
    try {
      const step = this.#source.next();
      this.#hasEnded = step.done === true;
      return step;
    } catch (error) {
      this.#hasEnded = true;
      throw error;
    }
  }

  /** Ends the iteration, and closes the connection if there is more to come. */
  return(): IteratorResult<Uint8Array, void> {
    this.#hasEnded = true;
    this.#source.close();
    return { done: true, value: undefined };
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
