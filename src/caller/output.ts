import { queueMicrotask } from '../wire/natives.ts';
import { thread } from './thread.ts';

/** Writes what the loop thread has printed through this thread's streams, which may have been replaced. */
export function writeHere(descriptor: number, chunk: Uint8Array | string): void {
  const stream = descriptor === 2 ? process.stderr : process.stdout;
  // What is no text has crossed as plain bytes, and `String()` of a Buffer is its text.
  const given =
    typeof chunk === 'string' ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  thread.runUserCode(() => {
    try {
      stream.write(given);
    } catch (error) {
      // It belongs to nobody who happens to wait here.
      queueMicrotask(() => {
        throw error;
      });
    }
  });
}
