import { keep } from '../keep.ts';

/** A body in the making, as it crosses: the loop thread asks this thread for one chunk after the other. */
export interface UploadParts {
  readonly kind: 'chunks';
  /** Undefined at the end. */
  readonly next: () => string | Uint8Array | undefined;
  /** Nobody wants the rest. */
  readonly stop: () => void;
}

/**
 * Gives the chunks of an iterable as they are asked for. They are kept functions, because the response may
 * begin before the body of the request has ended: the rest is asked for while the response is being read.
 */
export function upload(body: Iterable<string | Uint8Array>): UploadParts {
  const upload = new Upload(body[Symbol.iterator]());
  return { kind: 'chunks', next: keep(() => upload.next()), stop: keep(() => upload.stop()) };
}

class Upload {
  readonly #iterator: Iterator<unknown>;
  #isRunning = false;
  #isUnwanted = false;
  #hasEnded = false;

  constructor(iterator: Iterator<unknown>) {
    this.#iterator = iterator;
  }

  next(): string | Uint8Array | undefined {
    if (this.#hasEnded) return undefined;
    const { done, value } = this.#step();
    if (done === true) return undefined;
    if (typeof value === 'string' || value instanceof Uint8Array) return value;
    this.stop();
    throw new TypeError(
      `A chunk of the body of fetchSync() is a string or a Uint8Array, not ${Object.prototype.toString.call(value)}: yield Buffer.from(…) or JSON.stringify(…).`,
    );
  }

  stop(): void {
    this.#isUnwanted = true;
    // A generator that is running (it may be blocked in a call of its own) cannot be ended from outside.
    if (this.#isRunning || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#iterator.return?.();
  }

  #step(): IteratorResult<unknown, unknown> {
    this.#isRunning = true;
    try {
      const step = this.#iterator.next();
      this.#hasEnded = step.done === true;
      return step;
    } catch (error) {
      this.#hasEnded = true;
      throw error;
    } finally {
      this.#isRunning = false;
      if (this.#isUnwanted) this.stop();
    }
  }
}
