import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isDeno, isNode } from './which.ts';

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

const TASKS = '/proc/self/task';
const BUN_HELPERS = /^(?:JIT|JSC|HeapHelper|Bun Pool|mi-)|Signal Sender/;

/**
 * Starts a worker. In Bun and Deno a worker that ends before its code has begun could not be told from a
 * slow one: there `isThere` tells. Undefined where that is not needed, or not to be seen.
 *
 * Both start the thread before `new Worker()` returns. So the worker is among the threads that are new
 * then; in Bun helpers of its engine may be as well. Each gives itself its name at once.
 */
export function startWorker<W>(start: () => W): {
  worker: W;
  isThere: (() => boolean) | undefined;
} {
  const before = isNode ? undefined : listThreads();
  const worker = start();
  if (before === undefined) return { worker, isThere: undefined };
  const threads: NativeThread[] = [];
  for (const name of listThreads() ?? []) {
    const id = Number(name);
    const startedAt = before.includes(name) ? undefined : startOf(id);
    if (startedAt !== undefined) threads.push({ id, startedAt });
  }
  return { worker, isThere: () => isAnyWorker(threads) };
}

function isAnyWorker(threads: readonly NativeThread[]): boolean {
  const alive = threads.filter(isNativeThreadAlive);
  // One that has not been seen may have been too quick; Deno names a thread before `new Worker()` returns.
  const mayBeUnseen = !isDeno && alive.length === threads.length;
  return mayBeUnseen || alive.some(({ id }) => mayBeWorker(id));
}

/** A worker of Bun's has the name that it was given, or at first that of the thread that started it. */
function mayBeWorker(id: number): boolean {
  try {
    const name = readFileSync(`${TASKS}/${id}/comm`, 'utf8');
    return isDeno ? name.startsWith('worker-') : !BUN_HELPERS.test(name);
  } catch {
    return false;
  }
}

function listThreads(): string[] | undefined {
  if (!mayLook()) return undefined;
  try {
    return readdirSync(TASKS);
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
    const stat = readFileSync(`${TASKS}/${id}/stat`, 'utf8');
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
