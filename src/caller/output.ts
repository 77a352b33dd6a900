import { queueMicrotask } from '../wire/natives.ts';
import { thread } from './thread.ts';

/** Writes what the loop thread has printed through this thread's streams, which may have been replaced. */
export function writeHere(descriptor: number, chunk: Uint8Array | string): void {
  const stream = descriptor === 2 ? process.stderr : process.stdout;
  thread.runUserCode(() => {
    try {
      stream.write(chunk);
    } catch (error) {
      // It belongs to nobody who happens to wait here.
      queueMicrotask(() => {
        throw error;
      });
    }
  });
}
