import { setTimeout } from 'node:timers/promises';
import { getSignal } from 'palitra/loop';
import { getJob } from 'palitra/bullmq';

/** What the workers execute. A real one would fetch an image and store a smaller one. */
export async function shrink(id) {
  const { attempt, updateProgress } = getJob();
  await updateProgress({ worker: process.pid });
  await setTimeout(20, undefined, { signal: getSignal() });
  return { id, worker: process.pid, attempt };
}
