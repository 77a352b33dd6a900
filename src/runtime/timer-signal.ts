/**
 * Does a timer of this thread abort the signal: is it one of `AbortSignal.timeout()`, or of
 * `AbortSignal.any()` with such a one? Node (20 to 26) and Deno (2.9) say so in properties of their own;
 * Bun (1.4) keeps it to itself, and false is the answer there.
 */
export function isTimerSignal(signal: AbortSignal): boolean {
  let sources: unknown;
  for (const key of Object.getOwnPropertySymbols(signal)) {
    const value: unknown = Reflect.get(signal, key);
    if (value && TIMER.has(key.description)) return true;
    if (SOURCES.has(key.description)) sources = value;
  }
  return [...signalsIn(sources)].some(isTimerSignal);
}

const TIMER = new Set<string | undefined>(['kTimeout', '[[timerId]]']);
/** Of a signal of `AbortSignal.any()`. */
const SOURCES = new Set<string | undefined>(['kSourceSignals', '[[sourceSignals]]']);

/** In both they are held weakly, in classes of their own that do not inherit from those of the language. */
function* signalsIn(sources: unknown): Generator<AbortSignal> {
  if (typeof sources !== 'object' || sources === null || !(Symbol.iterator in sources)) return;
  for (const source of sources as Iterable<Partial<WeakRef<AbortSignal>>>) {
    const signal = source.deref?.();
    if (signal !== undefined) yield signal;
  }
}
