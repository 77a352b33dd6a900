import assert from 'node:assert/strict';
import { quantile } from './statistics.mjs';

/**
 * Times a blocking call, warm. Two passes, because a clock costs as much as a bare ping-pong between two
 * threads: `p50` and `p99` come from calls timed one by one, `mean` from a loop that reads no clock.
 * All in microseconds.
 *
 * `per` divides, for calls that do many things at once. Every pass ends after so many calls or
 * milliseconds, whichever comes first, but not before `atLeast` calls.
 */
export function measureCalls(call, { expected, per = 1, warmUpMs, timed = {}, loop = {} } = {}) {
  assert.deepEqual(call(), expected, 'it answers correctly before');
  const estimateMs = warmUp(call, warmUpMs);
  const samples = timeEach(call, timed);
  const whole = repeat(call, { estimateMs: quantile(samples, 0.5), ...loop });
  assert.deepEqual(call(), expected, 'it answers correctly after');
  const micros = (ms) => (ms * 1_000) / per;
  return {
    p50: micros(quantile(samples, 0.5)),
    p99: micros(quantile(samples, 0.99)),
    mean: micros(whole.ms / whole.calls),
    timedCalls: samples.length,
    meanCalls: whole.calls,
  };
}

/**
 * Warm is after so many calls, or so long: an engine interprets the first thousands, and while it compiles them both
 * processors are busy. Returns what a call took at first, in milliseconds.
 */
export function warmUp(call, ms = 600) {
  const start = performance.now();
  call();
  const estimateMs = performance.now() - start;
  repeat(call, { ms, calls: 20_000, estimateMs });
  return estimateMs;
}

/** Milliseconds of each call, sorted. `before` runs ahead of each, untimed. */
export function timeEach(call, { calls = 100_000, ms = 250, atLeast = 5, before } = {}) {
  const samples = new Float64Array(calls);
  const end = performance.now() + ms;
  let count = 0;
  while (count < calls) {
    before?.();
    const start = performance.now();
    call();
    const stop = performance.now();
    samples[count++] = stop - start;
    if (stop > end && count >= atLeast) break;
  }
  return samples.subarray(0, count).sort();
}

/** Calls again and again, and looks at the clock only every 5 ms or so, and at most every 1,000 calls. */
export function repeat(call, { calls: most = Infinity, ms = 250, estimateMs }) {
  const chunk = Math.max(1, Math.min(1_000, Math.round(5 / estimateMs)));
  const start = performance.now();
  let calls = 0;
  let now = start;
  while (calls < most && now - start < ms) {
    for (let i = 0; i < chunk; i++) call();
    calls += chunk;
    now = performance.now();
  }
  return { calls, ms: now - start };
}
