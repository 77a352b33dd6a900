/**
 * Words in shared memory that code on the loop thread raises, and a blocked test waits for: instead of
 * sleeping and hoping that it has happened.
 */
export type Flags = Int32Array;

/** Nobody waits so long for what is right, on the busiest machine. */
const CEILING_MS = 60_000;

/**
 * A timeout for a coroutine that has to have begun when it is over: one that is aborted earlier is not started, and
 * on a busy machine a few milliseconds pass before it is.
 */
export const ENOUGH_TO_BEGIN = 300;

export function createFlags(count = 4): Flags {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

export function raise(flags: Flags, index: number): void {
  Atomics.add(flags, index, 1);
  Atomics.notify(flags, index);
}

export function level(flags: Flags, index: number): number {
  return Atomics.load(flags, index);
}

/** Blocks until the flag has been raised so many times; throws when that does not come. */
export function awaitFlag(flags: Flags, index: number, wanted = 1, ceilingMs = CEILING_MS): void {
  const deadline = performance.now() + ceilingMs;
  for (let seen = level(flags, index); seen < wanted; seen = level(flags, index)) {
    const rest = deadline - performance.now();
    if (rest <= 0)
      throw new Error(
        `flag ${index} was raised ${seen} times instead of ${wanted} within ${ceilingMs} ms`,
      );
    Atomics.wait(flags, index, seen, rest);
  }
}
