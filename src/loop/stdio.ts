import { writeSync } from 'node:fs';
import { sleepMs } from '../wire/atomics.ts';

/**
 * A worker's `console.log` goes through the event loop of its parent, which may be blocked in `run()`
 * at this very moment, and is lost when the process ends first (seen on Node 20). So this thread
 * writes to the file descriptors itself.
 */
export function writeOutputDirectly(): void {
  redirect(process.stdout, 1);
  redirect(process.stderr, 2);
}

function redirect(stream: NodeJS.WriteStream, descriptor: number): void {
  stream._write = (chunk: Uint8Array | string, encoding, done): void => {
    done(writeAll(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk));
  };
  stream._writev = (chunks, done): void => {
    for (const { chunk, encoding } of chunks) {
      const failure = writeAll(
        descriptor,
        typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Uint8Array),
      );
      if (failure !== null) {
        done(failure);
        return;
      }
    }
    done(null);
  };
  takeBackWritten(stream);
}

/**
 * What was written before, by Node (a warning) or a module of `--import`, is on its way to the parent. Until that
 * confirms it, which a blocked one never does, the stream holds back all that follows, and its port keeps this
 * thread alive: nothing would be found that never settles. Seen on Node 20 to 26.
 */
function takeBackWritten(stream: object): void {
  for (let holder: object | null = stream; holder !== null;) {
    for (const key of Object.getOwnPropertySymbols(holder)) {
      if (key.description !== 'kStdioWantsMoreDataCallback') continue;
      (stream as Record<symbol, () => void>)[key]!();
      return;
    }
    holder = Object.getPrototypeOf(holder) as object | null;
  }
}

/** Writes all of it, waiting while a full pipe is being read. A pipe without a reader is an error. */
export function writeAll(descriptor: number, bytes: Uint8Array): Error | null {
  let written = 0;
  while (written < bytes.byteLength) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return error as Error;
      sleepMs(1);
    }
  }
  return null;
}
