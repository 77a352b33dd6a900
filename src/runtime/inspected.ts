/**
 * Is an inspector open, so that a thread that does not turn may stand at a breakpoint? Asked for only when a thread
 * seems to be stuck, because loading the module takes milliseconds.
 */
export function isInspected(): boolean {
  try {
    return process.getBuiltinModule('node:inspector').url() !== undefined;
  } catch {
    // A runtime without one.
    return false;
  }
}
