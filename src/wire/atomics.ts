/**
 * The one file that touches `Atomics`. Every operation here is sequentially consistent, which is the
 * whole basis of the wake protocol (docs/design/wake-protocol.md): two threads that each *write their
 * own word and then read the other's* can never both miss the other's write.
 *
 * The functions are taken from the global once, when this module is first evaluated, so that a user's
 * module that replaces `globalThis.Atomics` later on the loop thread cannot reach the protocol.
 */
const { add, compareExchange, exchange, load, notify, or, store, sub, wait } = Atomics;

/** Reads a word that another thread writes. Everything the writer stored before is visible after. */
export function readWord(words: Int32Array, index: number): number {
  return load(words, index);
}

/**
 * Reads a word as any other memory, for one look of many: it may show an old value, for as long as the
 * compiler or the processor likes, and orders nothing. What it shows is to be asked for again by
 * {@link readWord}. (`Atomics.load` is a call in V8, also where it is compiled.)
 */
export function peekWord(words: Int32Array, index: number): number {
  return words[index]!;
}

/** Writes a word that another thread reads. Everything stored before becomes visible with it. */
export function publishWord(words: Int32Array, index: number, value: number): void {
  store(words, index, value);
}

/**
 * Writes a word that others look at only now and then, and that orders nothing: they see it sooner or later.
 * (`Atomics.store` costs a barrier, which is too much for what is written twice a call.)
 */
export function noteWord(words: Int32Array, index: number, value: number): void {
  words[index] = value;
}

/** Writes a word and returns what stood there: of several threads that swap, exactly one sees the old value. */
export function swapWord(words: Int32Array, index: number, value: number): number {
  return exchange(words, index, value);
}

/** Writes a word if it is `expected`, and says whether it was: of several threads exactly one succeeds. */
export function replaceWord(
  words: Int32Array,
  index: number,
  expected: number,
  value: number,
): boolean {
  return compareExchange(words, index, expected, value) === expected;
}

/** Writes a word unless it is as high already: of several threads that raise it, the highest value stays. */
export function raiseWord(words: Int32Array, index: number, value: number): void {
  let seen = load(words, index);
  while (seen < value) {
    const before = compareExchange(words, index, seen, value);
    if (before === seen) return;
    seen = before;
  }
}

/** Adds one to a word that several threads count up together, and returns what it is now. */
export function incrementWord(words: Int32Array, index: number): number {
  return (add(words, index, 1) + 1) | 0;
}

/** Takes one from such a word. */
export function decrementWord(words: Int32Array, index: number): void {
  sub(words, index, 1);
}

/** Sets bits of a word that another thread may be counting up. */
export function setBits(words: Int32Array, index: number, bits: number): void {
  or(words, index, bits);
}

/** Wakes every thread that sleeps on a word. Costs a system call, so callers look for a sleeper first. */
export function wakeSleepers(words: Int32Array, index: number): void {
  notify(words, index);
}

/**
 * Sleeps until somebody calls {@link wakeSleepers} on the word, or for `timeoutMs`. Returns at once
 * when the word is no longer `expected`: the comparison and the falling asleep are one atomic step.
 * May return without cause; the caller re-checks what it waits for.
 */
export function sleepWhile(
  words: Int32Array,
  index: number,
  expected: number,
  timeoutMs: number,
): void {
  wait(words, index, expected, timeoutMs);
}

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Stops this thread for a while; nobody wakes it earlier. */
export function sleepMs(ms: number): void {
  wait(nobody, 0, 0, ms);
}
