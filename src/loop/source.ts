export type Step = IteratorResult<unknown, unknown>;

/** What a producer iterates. */
export interface Source {
  readonly iterator: Iterator<unknown, unknown, unknown> | AsyncIterator<unknown, unknown, unknown>;
  /** Does its `next()` give promises? */
  readonly isAsync: boolean;
  /** Ends a `next()` that is under way: `return()` of most streams would wait for it. */
  readonly interrupt: (() => void) | undefined;
}

interface Candidate extends Partial<AsyncIterable<unknown> & Iterable<unknown>> {
  readonly getReader?: () => ReadableStreamDefaultReader;
  readonly pipe?: unknown;
  readonly destroy?: () => void;
}

/**
 * Finds out how the result of a coroutine is iterated.
 *
 * @throws {TypeError} when it cannot be.
 */
export function sourceOf(value: unknown, label: string): Source {
  const candidate = value as Candidate | undefined | null;
  if (typeof candidate?.getReader === 'function') return readerSource(candidate.getReader());
  if (typeof candidate?.[Symbol.asyncIterator] === 'function') {
    const isReadable =
      typeof candidate.pipe === 'function' && typeof candidate.destroy === 'function';
    return {
      iterator: candidate[Symbol.asyncIterator]!(),
      isAsync: true,
      interrupt: isReadable ? () => candidate.destroy!() : undefined,
    };
  }
  if (typeof candidate?.[Symbol.iterator] === 'function') {
    return { iterator: candidate[Symbol.iterator]!(), isAsync: false, interrupt: undefined };
  }
  throw new TypeError(
    `The result of ${label} cannot be iterated: iterate() takes a coroutine that returns an async generator, ` +
      'an iterable, a ReadableStream or a Readable. For a single value use run().',
  );
}

/** Cancelling the reader also ends a `read()` that is under way; the stream's own iterator would wait. */
function readerSource(reader: ReadableStreamDefaultReader): Source {
  const iterator: AsyncIterator<unknown> = {
    next: () => reader.read() as Promise<Step>,
    return: async (value?: unknown) => {
      await reader.cancel();
      reader.releaseLock();
      return { done: true, value };
    },
  };
  return { iterator, isAsync: true, interrupt: undefined };
}
