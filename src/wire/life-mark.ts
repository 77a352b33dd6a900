import { closeSync, fstatSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNativeThreadAlive, ownNativeThread } from '../runtime/native-thread.ts';
import { isNode } from '../runtime/which.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import { publishWord, readWord } from './atomics.ts';
import { LIFE_FD, LIFE_INODE, LIFE_MADE_AT } from './layout.ts';

/**
 * By what any thread of the process sees whether a worker thread still lives, however it ends: an open
 * file. Node closes the files that a worker has open when it ends, also after running out of memory and by
 * `terminate()`. The number of a file is used again, so the file is known by its identity.
 *
 * Bun and Deno close none. There it is the thread itself, as Linux knows it: its number, when it started,
 * and 0.
 */
export interface LifeMark {
  readonly fd: number;
  readonly inode: bigint;
  /** When the file was made, in nanoseconds; inodes are used again as well. */
  readonly madeAt: bigint;
}

let own: LifeMark | undefined;

/** The mark of this thread. Undefined where there need be none, on the main thread, or can be none. */
export function ownLifeMark(): LifeMark | undefined {
  if (own === undefined && !workerThreads().isMainThread)
    own = isNode ? makeMark() : markOfNativeThread();
  return own;
}

/** Where the callers of this loop thread look for its mark. */
export function showLifeMark(control: Int32Array): void {
  const mark = ownLifeMark();
  if (mark === undefined) return;
  const wide = new BigInt64Array(control.buffer, control.byteOffset, 8);
  wide[LIFE_INODE] = mark.inode;
  wide[LIFE_MADE_AT] = mark.madeAt;
  publishWord(control, LIFE_FD, mark.fd);
}

/** The mark that a loop thread has shown. */
export function lifeOf(control: Int32Array): LifeMark | undefined {
  const fd = readWord(control, LIFE_FD);
  if (fd === 0) return undefined;
  const wide = new BigInt64Array(control.buffer, control.byteOffset, 8);
  return { fd, inode: wide[LIFE_INODE]!, madeAt: wide[LIFE_MADE_AT]! };
}

function markOfNativeThread(): LifeMark | undefined {
  const thread = ownNativeThread();
  return thread && { fd: thread.id, inode: thread.startedAt, madeAt: 0n };
}

function makeMark(): LifeMark | undefined {
  const path = join(
    tmpdir(),
    `palitra-${process.pid}-${workerThreads().threadId}-${Math.random()}`,
  );
  try {
    const fd = openSync(path, 'wx');
    try {
      unlinkSync(path);
      const { ino, ctimeNs } = fstatSync(fd, { bigint: true });
      return { fd, inode: ino, madeAt: ctimeNs };
    } catch {
      closeSync(fd);
    }
  } catch {
    // A read-only system, or no permission: this thread's death will not be seen, only its last words.
  }
  return undefined;
}

/** Is the thread with this mark alive? A thread without a mark counts as alive. */
export function isAlive(mark: LifeMark | undefined): boolean {
  if (mark === undefined) return true;
  if (!isNode) return isNativeThreadAlive({ id: mark.fd, startedAt: mark.inode });
  try {
    const { ino, ctimeNs } = fstatSync(mark.fd, { bigint: true });
    return ino === mark.inode && ctimeNs === mark.madeAt;
  } catch {
    return false;
  }
}
