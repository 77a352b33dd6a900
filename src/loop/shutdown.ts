import { NativePromise } from '../wire/natives.ts';
import { startTimer } from '../wire/timer.ts';
import type { LoopCall } from './call.ts';
import { clearTimeout } from '../wire/clock.ts';

const cleanUps: (() => unknown)[] = [];

/** Has `cleanUp` awaited when this loop thread ends; the last one registered comes first. */
export function onShutdown(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp);
}

/**
 * Waits for the coroutines that have been aborted and can react, then runs the clean-up functions. The
 * thread that asked for it waits for `limitMs` altogether. The coroutines get half of that: one that
 * takes no notice must not keep the functions from being called.
 */
export async function shutDown(
  calls: readonly LoopCall[],
  limitMs: number,
  report: (error: unknown) => void,
): Promise<void> {
  // A coroutine that never took its signal cannot know that it should end: it is not waited for.
  await within(
    limitMs / 2,
    NativePromise.all(calls.filter((call) => call.canReact).map((call) => call.whenSettled())),
  );
  for (let cleanUp = cleanUps.pop(); cleanUp !== undefined; cleanUp = cleanUps.pop()) {
    try {
      await cleanUp();
    } catch (error) {
      report(error);
    }
  }
}

/** Waits for the promise, but no longer than this. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new NativePromise<void>((resolve) => {
    timer = startTimer(resolve, ms);
  });
  await NativePromise.race([promise, timeout]);
  clearTimeout(timer);
}
