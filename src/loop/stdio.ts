import { writeSync } from 'node:fs';
import { writeConsoleByStreams } from '../runtime/console-by-streams.ts';
import { sleepMs } from '../wire/atomics.ts';

type Chunk = Uint8Array | string;
type Write = (descriptor: number, chunk: Chunk) => Error | null;

let writeChunk: Write = writeAll;

/**
 * A worker's `console.log` goes through the event loop of its parent, which may be blocked in `run()`
 * at this very moment, and is lost when the process ends first (seen on Node 20). So this thread
 * writes to the file descriptors itself.
 */
export function writeOutputDirectly(): void {
  redirect(process.stdout, 1);
  redirect(process.stderr, 2);
}

/** From now on, what is written goes this way instead. */
export function sendOutput(send: Write): void {
  writeChunk = send;
  writeConsoleByStreams();
}

/** Writes what palitra itself has to say on this thread. */
export function writeOutput(descriptor: number, text: string): void {
  writeChunk(descriptor, text);
}

function redirect(stream: NodeJS.WriteStream, descriptor: number): void {
  const write = (chunk: Chunk, encoding: BufferEncoding): Error | null => {
    const isOther = typeof chunk === 'string' && !/^utf-?8$/i.test(encoding);
    return writeChunk(descriptor, isOther ? Buffer.from(chunk, encoding) : chunk);
  };
  stream._write = (chunk: Chunk, encoding, done): void => {
    done(write(chunk, encoding));
  };
  stream._writev = (chunks, done): void => {
    for (const { chunk, encoding } of chunks) {
      const failure = write(chunk as Chunk, encoding);
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
export function writeAll(descriptor: number, chunk: Chunk): Error | null {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
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
