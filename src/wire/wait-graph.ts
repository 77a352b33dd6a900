import { publishWord, readWord, replaceWord, swapWord } from './atomics.ts';

/**
 * Which loop thread is blocked for which other one, so that a circle is seen before it closes. Threads
 * that are no loop threads are never waited for, and are not in here.
 *
 * A loop thread is a *node*: the number of a graph (upper bits) and a slot in it. One graph belongs to
 * each thread that is no loop thread and has runners of its own; its loop threads, and those that they
 * start, are in it. Who connects to a runner of another graph learns of that one by the token.
 *
 * ```text
 * word  0         the number of the graph
 * word  1         the slot that was taken last: who is blocked for a loop thread that has died finds that out
 *                 a little later, and another one must not be taken for it until then
 * word  2 s       slot s: 1 while it is taken
 * word  2 s + 1   slot s: the node that its thread is blocked for; 0: none
 * ```
 */
const SLOT_BITS = 10;
const SLOTS = 1 << SLOT_BITS;
/** A graph has a number of so many bits, above zero; nodes stay below 2^31. */
const GRAPH_BITS = 20;

const known = new Map<number, Int32Array>();

export function makeGraph(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(2 * SLOTS * Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(memory)[0] = 1 + Math.floor(Math.random() * (2 ** GRAPH_BITS - 1));
  return memory;
}

/** From now on circles through this graph are found on this thread. */
export function learnGraph(memory: SharedArrayBuffer): Int32Array {
  const words = new Int32Array(memory);
  known.set(words[0]!, words);
  return words;
}

/** A node for a new loop thread; 0, which is in no circle, when there are a thousand already. */
export function claimNode(memory: SharedArrayBuffer): number {
  const words = learnGraph(memory);
  const last = readWord(words, 1);
  for (let step = 0; step < SLOTS - 1; step++) {
    const slot = 1 + ((last + step) % (SLOTS - 1));
    if (!replaceWord(words, 2 * slot, 0, 1)) continue;
    publishWord(words, 1, slot);
    publishWord(words, 2 * slot + 1, 0);
    return (words[0]! << SLOT_BITS) | slot;
  }
  return 0;
}

/** The loop thread has ended. */
export function releaseNode(node: number): void {
  const words = wordsOf(node);
  if (words === undefined) return;
  publishWord(words, 2 * slotOf(node) + 1, 0);
  publishWord(words, 2 * slotOf(node), 0);
}

/** Says that one node is blocked for another, and returns what it was blocked for before. */
export function announceWait(node: number, target: number): number {
  const words = wordsOf(node);
  return words === undefined ? 0 : swapWord(words, 2 * slotOf(node) + 1, target);
}

/** Is `from` blocked for `target`, be it by way of others? A node waits for itself. */
export function waitsFor(from: number, target: number): boolean {
  let node = from;
  // Circles that this thread is not in may come into being while it looks.
  for (let step = 0; node !== 0 && step < SLOTS; step++) {
    if (node === target) return true;
    const words = wordsOf(node);
    node = words === undefined ? 0 : readWord(words, 2 * slotOf(node) + 1);
  }
  return false;
}

function wordsOf(node: number): Int32Array | undefined {
  return known.get(node >>> SLOT_BITS);
}

function slotOf(node: number): number {
  return node & (SLOTS - 1);
}
