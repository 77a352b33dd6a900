/**
 * The platform's clock and timers, as they were when the package was loaded, and from the platform's own
 * modules. Test runners put fake ones in the place of the global ones; a `timeout` has to hold all the same.
 */
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

/** Milliseconds, as `performance.now()`. */
export const nowMs: () => number = performance.now.bind(performance);

export const {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} = timers;
