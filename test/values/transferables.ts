import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as util from 'node:util';
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads';

/** Something that can be moved, made anew each time on whichever thread asks. */
export interface TransferableCase {
  readonly make: () => unknown;
  readonly isGone: (entry: never) => boolean;
  /** Uses it up, and says what came of it. */
  readonly use: (entry: never) => Promise<unknown>;
  readonly expected: unknown;
}

function transferable<T>(
  make: () => T | Promise<T>,
  isGone: (entry: T) => boolean,
  use: (entry: T) => Promise<unknown>,
  expected: unknown,
): TransferableCase {
  return { make, isGone, use, expected };
}

function ofBytes(make: () => ArrayBuffer, length: number): TransferableCase {
  const filled = (): ArrayBuffer => {
    const buffer = make();
    new Uint8Array(buffer).fill(7);
    return buffer;
  };
  return transferable(filled, isDetached, async (buffer) => describeBytes(buffer), {
    length,
    isFilled: true,
  });
}

function describeBytes(buffer: ArrayBuffer): object {
  const isFilled = Buffer.from(buffer).equals(Buffer.alloc(buffer.byteLength, 7));
  return { length: buffer.byteLength, isFilled };
}

export function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return new Uint8Array(buffer).buffer !== buffer;
  } catch {
    return true;
  }
}

/** Listed twice, a port is never moved, and the platform says why not. */
export function isPortGone(port: MessagePort): boolean {
  const { port1 } = new MessageChannel();
  try {
    port1.postMessage(null, [port, port]);
    return false;
  } catch (error) {
    return !/duplicate/.test((error as Error).message);
  } finally {
    port1.close();
  }
}

/** Its other end, on the thread that makes it, doubles every number. */
function doublingPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.on('message', (value: number) => port2.postMessage(2 * value));
  port2.unref();
  return port1;
}

/** What was written on the thread that made the stream. */
const written = new WeakMap<object, Promise<string[]>>();

function writable(): WritableStream<string> {
  const chunks: string[] = [];
  let end: (chunks: string[]) => void;
  const ended = new Promise<string[]>((resolve) => (end = resolve));
  const stream = new WritableStream<string>({
    write: (chunk) => void chunks.push(chunk),
    close: () => end(chunks),
  });
  written.set(stream, ended);
  return stream;
}

/** When it has been closed. */
export async function chunksOf(stream: object): Promise<readonly string[]> {
  // The port of a stream that was moved does not keep a thread alive.
  const alive = setInterval(() => undefined, 1_000);
  const chunks = await written.get(stream)!;
  clearInterval(alive);
  return chunks;
}

function resizable(): ArrayBuffer {
  return new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(8, {
    maxByteLength: 16,
  });
}

export const transferables = {
  'a small ArrayBuffer': ofBytes(() => new ArrayBuffer(8), 8),
  'a large ArrayBuffer': ofBytes(() => new ArrayBuffer(100_000), 100_000),
  'an empty ArrayBuffer': ofBytes(() => new ArrayBuffer(0), 0),
  'a resizable ArrayBuffer': ofBytes(resizable, 8),
  '64 MiB': ofBytes(() => new ArrayBuffer(1 << 26), 1 << 26),
  'a MessagePort': transferable(
    doublingPort,
    isPortGone,
    async (port) => {
      port.postMessage(21);
      const [answer] = (await once(port, 'message')) as unknown[];
      port.close();
      return answer;
    },
    42,
  ),
  'a ReadableStream': transferable(
    () => new Blob(['streamed']).stream() as ReadableStream,
    (stream) => stream.locked,
    (stream) => text(stream),
    'streamed',
  ),
  'a WritableStream': transferable(
    writable,
    (stream) => stream.locked,
    async (stream) => {
      const writer = stream.getWriter();
      await writer.write('one');
      await writer.close();
      return 'written';
    },
    'written',
  ),
  'a TransformStream': transferable(
    () =>
      new TransformStream<string, string>({
        transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()),
      }),
    (stream) => stream.readable.locked && stream.writable.locked,
    async (stream) => {
      const writer = stream.writable.getWriter();
      const [transformed] = await Promise.all([
        text(stream.readable.pipeThrough(new TextEncoderStream())),
        writer.write('loud').then(() => writer.close()),
      ]);
      return transformed;
    },
    'LOUD',
  ),
  'a FileHandle': transferable<FileHandle>(
    () => open(fileURLToPath(import.meta.url)),
    (file) => file.fd === -1,
    async (file) => {
      try {
        const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
        return buffer.toString();
      } finally {
        await file.close();
      }
    },
    'import',
  ),
  'an AbortSignal of transferableAbortController()': transferable(
    () => {
      // Bun has none, so it is not imported by its name.
      const controller = util.transferableAbortController();
      controller.abort('enough');
      return controller.signal;
    },
    // It goes on working here: the other one follows it.
    () => true,
    async (signal) => ({ isAborted: signal.aborted, reason: signal.reason as unknown }),
    { isAborted: true, reason: 'enough' },
  ),
} satisfies Readonly<Record<string, TransferableCase>>;

export type TransferableName = keyof typeof transferables;

export async function makeEntry(name: TransferableName): Promise<Transferable> {
  return (await transferables[name].make()) as Transferable;
}

export function isGone(name: TransferableName, entry: unknown): boolean {
  return transferables[name].isGone(entry as never);
}

export async function use(name: TransferableName, entry: unknown): Promise<unknown> {
  return transferables[name].use(entry as never);
}
