import { resourceLimits } from 'node:worker_threads';
import { setInterval } from '../wire/clock.ts';
import { isDeno } from './which.ts';

/** As often as a blocked caller looks whether this thread lives. */
const LOOK_MS = 100;

/**
 * Tells when this thread has run out of memory and lives on all the same. Deno 2.9 stops what a worker runs
 * at its `resourceLimits`, and raises them so that it can. If that was the reaction of a promise, the worker
 * does not end: the code just never goes on, and only the raised limit shows it. Returns a function that says
 * whether it is so by now: if nothing else is left to do, the worker ends before anybody has looked.
 */
export function watchMemoryLimit(onPassed: () => void): () => boolean {
  if (!isDeno || Object.keys(resourceLimits).length === 0) return () => false;
  // Asked for here because loading it takes 3 ms in Node.
  const { getHeapStatistics } = process.getBuiltinModule('node:v8');
  const limit = getHeapStatistics().heap_size_limit;
  const isPassed = (): boolean => getHeapStatistics().heap_size_limit > limit;
  setInterval(() => {
    if (isPassed()) onPassed();
  }, LOOK_MS).unref();
  return isPassed;
}
