import { Blob } from 'node:buffer';
import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';
import { arePortsLossy } from '../runtime/lossy-ports.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import { classify } from './classify.ts';

/** An entry of a list that was given to `transfer()`, and where it stands. */
export interface MoveRequest {
  readonly entry: Transferable;
  readonly path: string;
}

/**
 * What an entry is that cannot be moved, and what to write instead; undefined when nothing speaks
 * against it.
 *
 * The platform empties the buffers and ports of a list before it asks a stream or a file whether it
 * can go (seen on Node 20 to 26), and Node 20 takes a buffer that is gone for one that is empty: those
 * are looked at beforehand. Everything else it refuses before it has touched anything.
 */
export function moveProblem(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) {
    const what = entry === null ? 'null' : `of the type ${typeof entry}`;
    return `is ${what}: list objects to move, as in transfer(bytes, [bytes.buffer]).`;
  }
  if (types.isProxy(entry)) return 'is a Proxy, which cannot be moved: list what it stands for.';
  if (ArrayBuffer.isView(entry)) {
    return 'is a view, which moves with its buffer: list that, as in transfer(bytes, [bytes.buffer]).';
  }
  if (types.isSharedArrayBuffer(entry)) {
    return 'is a SharedArrayBuffer, which the threads share: leave it out of the list.';
  }
  if (types.isArrayBuffer(entry)) {
    return isDetached(entry) ? `is an ArrayBuffer that ${MOVED_ALREADY}` : undefined;
  }
  const lock = lockedStream(entry);
  if (lock !== undefined) {
    return `is a ${lock} that is locked: release its reader or writer first, if it has not been moved already.`;
  }
  if (isFile(entry)) return fileProblem(entry);
  const objectClass = Array.isArray(entry) ? 'plain' : classify(entry);
  const isOfPlatform = objectClass === 'platform' || objectClass === 'signal';
  if (isOfPlatform || typeof objectClass === 'object') {
    return entry instanceof Blob ? `is a Blob, ${ONLY_COPIED}` : undefined;
  }
  return `is an object, ${ONLY_COPIED}`;
}

const MOVED_ALREADY =
  'has been moved before: a call whose arguments are moved can be made once, so make the buffer anew.';
const ONLY_COPIED =
  'which is copied and cannot be moved: leave it out of the list, and list what it holds.';

/** `buffer.detached` is new in Node 22. */
function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return new Uint8Array(buffer).buffer !== buffer;
  } catch {
    return true;
  }
}

/** The name of the class of stream that something reads from or writes to. */
function lockedStream(entry: object): string | undefined {
  // Loading it takes 9 ms (Node 20), on both threads: an import at the top would be paid by everybody's first call.
  const { ReadableStream, TransformStream, WritableStream } =
    process.getBuiltinModule('node:stream/web');
  if (entry instanceof ReadableStream) return entry.locked ? 'ReadableStream' : undefined;
  if (entry instanceof WritableStream) return entry.locked ? 'WritableStream' : undefined;
  if (!(entry instanceof TransformStream)) return undefined;
  return entry.readable.locked || entry.writable.locked ? 'TransformStream' : undefined;
}

function isStream(entry: object): boolean {
  const { ReadableStream, TransformStream, WritableStream } =
    process.getBuiltinModule('node:stream/web');
  return [ReadableStream, TransformStream, WritableStream].some(
    (Stream) => entry instanceof Stream,
  );
}

/** The class is not public. */
function isFile(entry: object): entry is { readonly fd: number } {
  const prototype = Object.getPrototypeOf(entry) as { constructor?: { name: string } } | null;
  return prototype?.constructor?.name === 'FileHandle' && 'fd' in entry;
}

function fileProblem(file: { readonly fd: number }): string | undefined {
  if (file.fd === -1) {
    return 'is a FileHandle that has been closed or moved before: open the file anew.';
  }
  const references = Object.getOwnPropertySymbols(file).find(
    ({ description }) => description === 'kRefs',
  );
  const isInUse = references !== undefined && (file as Record<symbol, number>)[references]! > 1;
  return isInUse
    ? 'is a FileHandle in use: await what was begun with it before you move it.'
    : undefined;
}

/** The entry because of which the platform has refused a list, with what it says. */
export function findRefused(
  requests: readonly MoveRequest[],
): { readonly path: string; readonly cause: unknown } | undefined {
  const { port1 } = new (workerThreads().MessageChannel)();
  try {
    for (const { entry, path } of requests) {
      // Deno would lock a stream. All that a stream can be refused for has been looked at.
      if (arePortsLossy && isStream(entry)) continue;
      try {
        // Listed twice, nothing is ever moved; of what could be, the platform says that it is listed twice.
        port1.postMessage(null, [entry, entry]);
      } catch (cause) {
        if (!/duplicate/.test((cause as Error).message)) return { path, cause };
      }
    }
  } finally {
    port1.close();
  }
  return undefined;
}
