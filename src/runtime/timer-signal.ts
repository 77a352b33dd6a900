/**
 * Does a timer of this thread abort the signal: is it one of `AbortSignal.timeout()`, or of
 * `AbortSignal.any()` with such a one? Node (20 to 26) and Deno (2.9) say so in properties of their own;
 * Bun (1.4) keeps it to itself, and false is the answer there.
 */
export function isTimerSignal(signal: AbortSignal): boolean {
  let sources: unknown;
  for (const key of Object.getOwnPropertySymbols(signal)) {
    const { description } = key;
    if (description !== undefined && TIMER.has(description)) {
      if (Boolean(read(signal, key))) return true;
    } else if (description !== undefined && SOURCES.has(description)) {
      sources = read(signal, key);
    }
  }
  return [...signalsIn(sources)].some(isTimerSignal);
}

const TIMER = new Set(['kTimeout', '[[timerId]]']);
/** Of a signal of `AbortSignal.any()`. */
const SOURCES = new Set(['kSourceSignals', '[[sourceSignals]]']);

function read(signal: AbortSignal, key: symbol): unknown {
  return (signal as unknown as Record<symbol, unknown>)[key];
}

/** In both they are held weakly, in classes of their own that do not inherit from those of the language. */
function* signalsIn(sources: unknown): Generator<AbortSignal> {
  if (typeof sources !== 'object' || sources === null || !(Symbol.iterator in sources)) return;
  for (const source of sources as Iterable<Partial<WeakRef<AbortSignal>>>) {
    const signal = source.deref?.();
    if (signal !== undefined) yield signal;
  }
}
