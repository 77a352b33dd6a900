import { nowMs } from '../wire/clock.ts';

/** As of a sleep in `Wait`. */
const SLICE_MS = 100;

/**
 * What this thread has to look after for others: the loop threads that it owns and shares. Its event loop
 * does so when it turns; while the thread is blocked here, it does so after each slice of its sleep, and
 * as often when its sleeps are shorter, or when it never sleeps.
 *
 * Two copies of the package on a thread find the same list here: one may be blocked for what the other owns.
 */
const key: unique symbol = Symbol.for('palitra.duties') as never;
const holder = globalThis as { [key]?: Set<() => void> };
if (holder[key] === undefined) Object.defineProperty(holder, key, { value: new Set<() => void>() });
const duties = holder[key]!;

let attendedAt = 0;

/** The function that is returned ends the duty. */
export function takeOnDuty(duty: () => void): () => void {
  duties.add(duty);
  return () => duties.delete(duty);
}

export function attendToDuties(): void {
  if (duties.size === 0) return;
  attendedAt = nowMs();
  for (const duty of duties) duty();
}

/** For a thread that is blocked again and again, and each time for less than a slice. */
export function attendIfDue(): void {
  if (duties.size > 0 && nowMs() - attendedAt >= SLICE_MS) attendToDuties();
}
