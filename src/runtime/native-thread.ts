import { readFileSync, readlinkSync } from 'node:fs';
import { isDeno } from './which.ts';

/** A thread as Linux knows it. The numbers are used again, so it is known by its start as well. */
export interface NativeThread {
  readonly id: number;
  /** In ticks of the kernel's clock. */
  readonly startedAt: bigint;
}

/** This thread; undefined where there is no `/proc`, or no permission to look there. */
export function ownNativeThread(): NativeThread | undefined {
  if (!mayLook()) return undefined;
  try {
    const id = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
    const startedAt = startOf(id);
    return startedAt === undefined ? undefined : { id, startedAt };
  } catch {
    return undefined;
  }
}

/** Is there still such a thread in this process? */
export function isNativeThreadAlive({ id, startedAt }: NativeThread): boolean {
  return startOf(id) === startedAt;
}

function startOf(id: number): bigint | undefined {
  try {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the 22nd field is the twentieth after it.
    const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return field === undefined ? undefined : BigInt(field);
  } catch {
    return undefined;
  }
}

/** Deno may ask the user at the terminal, which nobody expects from here. */
function mayLook(): boolean {
  if (!isDeno) return true;
  const { Deno } = globalThis as unknown as {
    readonly Deno: {
      readonly permissions: { querySync(descriptor: { name: string }): { readonly state: string } };
    };
  };
  return Deno.permissions.querySync({ name: 'read' }).state === 'granted';
}
