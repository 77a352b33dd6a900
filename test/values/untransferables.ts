import { open, type FileHandle } from 'node:fs/promises';
import { markAsUntransferable, MessageChannel } from 'node:worker_threads';
import { isDeno, isNode } from '../support/runtime.ts';

/** An entry of a transfer list that cannot be moved, and what the error says about it. */
export interface Untransferable {
  readonly name: string;
  readonly make: () => unknown;
  readonly says: RegExp;
  /** Does the platform copy it instead of refusing it? */
  readonly isCopied?: boolean;
  /** Right before the call that is refused, and when all is over. */
  readonly begin?: (entry: never) => unknown;
  readonly end?: (entry: never) => unknown;
}

const { Memory } = (
  globalThis as unknown as {
    WebAssembly: { Memory: new (options: object) => { buffer: ArrayBuffer } };
  }
).WebAssembly;
const isNode20 = isNode && process.versions.node.startsWith('20.');

function movedBuffer(): ArrayBuffer {
  const buffer = new ArrayBuffer(4);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function movedStream(): ReadableStream {
  const stream = new ReadableStream();
  // The two are connected by ports until one of them ends.
  void structuredClone(stream, { transfer: [stream as unknown as ArrayBuffer] }).cancel();
  return stream;
}

function readStream(): ReadableStream {
  const stream = new ReadableStream();
  stream.getReader();
  return stream;
}

function closedPort(): unknown {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}

export const untransferables: readonly Untransferable[] = [
  { name: 'a number', make: () => 7, says: /is of the type number: list objects to move/ },
  { name: 'a string', make: () => 'bytes', says: /is of the type string/ },
  { name: 'undefined', make: () => undefined, says: /is of the type undefined/ },
  { name: 'null', make: () => null, says: /is null/ },
  { name: 'a view', make: () => new Uint8Array(4), says: /is a view.*list that, as in transfer/ },
  { name: 'a Buffer', make: () => Buffer.alloc(4), says: /is a view/ },
  {
    name: 'a SharedArrayBuffer',
    make: () => new SharedArrayBuffer(4),
    says: /is a SharedArrayBuffer, which the threads share: leave it out of the list/,
  },
  {
    name: 'an object',
    make: () => ({ a: 1 }),
    says: /is an object, which is copied .* leave it out/,
  },
  { name: 'an array', make: () => [new ArrayBuffer(1)], says: /list what it holds/ },
  { name: 'a Map', make: () => new Map(), says: /which is copied/ },
  { name: 'an error', make: () => new Error('e'), says: /which is copied/ },
  { name: 'a Proxy', make: () => new Proxy({}, {}), says: /is a Proxy/ },
  { name: 'a function', make: () => () => 1, says: /is of the type function/ },
  { name: 'a Blob', make: () => new Blob(['x']), says: /is a Blob, which is copied/ },
  {
    name: 'an AbortSignal that is not a transferable one',
    make: () => new AbortController().signal,
    says: isDeno
      ? /cannot be moved: Value not transferable/
      : /cannot be moved: Found invalid .* in transferList/,
  },
  {
    name: 'a buffer that has been moved',
    make: movedBuffer,
    says: /has been moved before: a call .* can be made once/,
  },
  {
    name: 'a stream that has been moved',
    make: movedStream,
    says: /is a ReadableStream that is locked: .* moved already/,
  },
  { name: 'a stream that is read', make: readStream, says: /is a ReadableStream that is locked/ },
  {
    name: 'a stream that is written to',
    make: () => {
      const stream = new WritableStream();
      stream.getWriter();
      return stream;
    },
    says: /is a WritableStream that is locked: release its reader or writer/,
  },
  {
    name: 'a TransformStream that is read',
    make: () => {
      const stream = new TransformStream();
      stream.readable.getReader();
      return stream;
    },
    says: /is a TransformStream that is locked/,
  },
  {
    name: 'a port that has been closed',
    make: closedPort,
    says: /cannot be moved: MessagePort in transfer list is already detached/,
  },
  {
    name: 'a FileHandle in use',
    make: () => open('/dev/null', 'w'),
    // It is in use until this thread has turned.
    begin: (file: FileHandle) => file.write('x'),
    end: (file: FileHandle) => file.close(),
    says: /is a FileHandle in use: await what was begun/,
  },
  {
    name: 'a FileHandle that is closed',
    make: async () => {
      const file = await open('/dev/null');
      await file.close();
      return file;
    },
    says: /is a FileHandle that has been closed/,
  },
  {
    name: 'a buffer that Node shares among others',
    make: () => Buffer.from('pooled').buffer,
    says: /cannot be moved/,
    isCopied: isNode20,
  },
  {
    name: 'a buffer that is marked',
    make: () => {
      const buffer = new ArrayBuffer(4);
      markAsUntransferable(buffer);
      return buffer;
    },
    says: /cannot be moved/,
    isCopied: isNode20,
  },
  {
    name: 'the memory of WebAssembly',
    make: () => new Memory({ initial: 1 }).buffer,
    says: /cannot be moved/,
    isCopied: isNode20,
  },
];
