import { closeSync, fstatSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';

/**
 * By what any thread of the process sees whether a worker thread still lives, however it ends: an open
 * file. The platform closes the files that a worker has open when it ends, also after running out of
 * memory and by `terminate()`. The number of a file is used again, so the file is known by its identity.
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
  if (own === undefined && !isMainThread) own = makeMark();
  return own;
}

function makeMark(): LifeMark | undefined {
  const path = join(tmpdir(), `palitra-${process.pid}-${threadId}-${Math.random()}`);
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
  try {
    const { ino, ctimeNs } = fstatSync(mark.fd, { bigint: true });
    return ino === mark.inode && ctimeNs === mark.madeAt;
  } catch {
    return false;
  }
}
