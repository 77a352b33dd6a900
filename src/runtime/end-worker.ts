import type { Worker } from 'node:worker_threads';
import { isDeno } from './which.ts';

/**
 * Ends a worker from outside. Deno 2.9 must not be asked to while the worker is in `process.exit()`: its
 * thread would then spin for ever instead. One that has said its last words ends by itself.
 */
export function endWorker(worker: Worker, isEnding: boolean): void {
  if (isDeno && isEnding) return;
  void worker.terminate();
}
