import type { Transferable } from 'node:worker_threads';
import { TransferMarker } from './wire/markers.ts';

/**
 * Moves what is in `list` to the loop thread instead of copying it; `value` is what the function gets,
 * and must hold what is moved. What was moved can no longer be used here, so a coroutine with such an
 * argument can be run once. If one entry cannot be moved, the call throws `UncloneableError`, whose
 * `path` names the entry, and nothing is moved.
 *
 * ArrayBuffers, MessagePorts, FileHandles and web streams can be moved. A stream goes on being filled
 * or emptied by the thread that made it: give it to a task that you `await`, for a blocked thread does
 * neither.
 *
 * @throws {TypeError} when `list` is not an array.
 *
 * @example
 * ```js
 * import { coroutine, run, transfer } from 'palitra';
 *
 * const size = coroutine(async (bytes) => bytes.byteLength);
 * const bytes = new Uint8Array(1024);
 * console.log(run(size(transfer(bytes, [bytes.buffer]))), bytes.byteLength); // 1024 0
 * ```
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  return new TransferMarker(value, list) as T;
}
