const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread, without computing. */
export function sleep(ms) {
  Atomics.wait(nobody, 0, 0, ms);
}
