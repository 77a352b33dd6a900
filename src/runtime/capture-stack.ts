import { isBun } from './which.ts';

/**
 * Puts the frames above the call of `mark` into `holder.stack`. In Bun a call in tail position leaves no
 * frame of the function it stands in, so `mark` may not be there; then all of the frames would be missing.
 */
export function captureStack(
  holder: { stack?: unknown },
  mark: Parameters<typeof Error.captureStackTrace>[1],
): void {
  if (!isBun) {
    Error.captureStackTrace(holder, mark);
    return;
  }
  try {
    Error.captureStackTrace(holder);
  } catch {
    // It writes the stack at once, by the program's `Error.prepareStackTrace`, which has thrown.
  }
}
