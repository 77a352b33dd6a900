/** Where the loop thread begins. Bundled into one string, and published as `palitra/worker`. */
import { workerData } from 'node:worker_threads';
import { publishWord } from '../wire/atomics.ts';
import {
  controlOf,
  EXIT_CODE,
  STATE,
  STATE_CLOSING,
  STATE_DEAD,
  STATE_ENDING,
  STATE_LOST,
  STATE_RUNNING,
  THREAD_ID,
} from '../wire/layout.ts';
import type { LoopData } from '../wire/messages.ts';
import { hasRunDry } from '../runtime/explicit-exit.ts';
import { watchMemoryLimit } from '../runtime/memory-limit.ts';
import { extendTsx } from '../runtime/tsx-hooks.ts';
import { isNode } from '../runtime/which.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import { showLifeMark } from '../wire/life-mark.ts';
import { LoopThread } from './loop-thread.ts';
import { writeOutputDirectly } from './stdio.ts';

const { isMainThread, threadId } = workerThreads();
const data = workerData as LoopData | undefined;
if (isMainThread || data?.palitra !== 1) {
  throw new Error(
    'palitra/worker is the code of a loop thread: give its URL to EventLoopThreadRunner as workerUrl, do not import it.',
  );
}

writeOutputDirectly();
extendTsx();

const control = controlOf(data.runner, data.generation);
publishWord(control, THREAD_ID, threadId);
// Its owner has a better way to see it in Node; there only other threads need this, once they are let in.
if (!isNode) showLifeMark(control);
const thread = new LoopThread(data, control, () => publishWord(control, STATE, STATE_CLOSING));

const isOutOfMemory = watchMemoryLimit(() => {
  endOutOfMemory();
  (process as unknown as { reallyExit(code: number): never }).reallyExit(1);
});

/** As elsewhere: no exit handlers run, and there is no exit code. */
function endOutOfMemory(): void {
  publishWord(control, STATE, STATE_LOST);
  thread.disconnect();
}

// The last code of this thread, by whichever road it ends but a violent one.
process.on('exit', (code) => {
  if (isOutOfMemory()) {
    endOutOfMemory();
    return;
  }
  if (hasRunDry()) {
    // Whoever gets an answer now may call again at once: not this thread.
    publishWord(control, STATE, STATE_ENDING);
    thread.failStranded();
  }
  publishWord(control, EXIT_CODE, code);
  publishWord(control, STATE, STATE_DEAD);
  thread.disconnect();
});

publishWord(control, STATE, STATE_RUNNING);
thread.start();
