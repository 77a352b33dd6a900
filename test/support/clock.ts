/** Nanoseconds on a clock that all threads share. In Bun and Deno `process.hrtime` is each thread's own. */
export function sharedClock(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
}
