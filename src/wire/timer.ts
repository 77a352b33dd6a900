import { setTimeout } from './clock.ts';
/** Node's timers hold 31 bits of milliseconds, 25 days. Given more, they fire at once. */
export const MAX_TIMER_MS = 0x7fff_ffff;

/** As `setTimeout`, for durations of the user's, which may be `Infinity`. */
export function startTimer(callback: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(callback, Math.min(ms, MAX_TIMER_MS));
}
