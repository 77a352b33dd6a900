/**
 * The runners that were made from a token. One that has not called yet could still bring what a coroutine waits for,
 * and nothing but this list says whether its thread still lives.
 */
import {
  decrementWord,
  incrementWord,
  publishWord,
  readWord,
  replaceWord,
  swapWord,
} from './atomics.ts';
import {
  CONNECTS,
  HOLDER_FD,
  HOLDER_INODE,
  HOLDER_MADE_AT,
  HOLDER_PLACES,
  HOLDER_TICKET,
  HOLDERS,
  holderPlace,
  TICKETS,
} from './layout.ts';
import type { RunnerToken } from '../token.ts';
import { isAlive, type LifeMark } from './life-mark.ts';

/** Values of a ticket before it is one. */
const FREE = 0;
const BEING_WRITTEN = -1;

/** What this thread is to a runner of which it has a token. */
export interface Holder {
  /** Is it counted out by way of the list, if its thread ends without a word? */
  readonly isListed: boolean;
  /** One more runner has been made from a token. */
  enter(token: RunnerToken): void;
  leave(): void;
}

/** By the door of the runner. */
const held = new Map<string, Holder>();

/**
 * A runner has been made from a token on this thread. However many it makes, the thread counts once: while it is
 * blocked in one of them it does nothing in the others. The owner's thread does not count at all.
 */
export function hold(token: RunnerToken, life: LifeMark | undefined): Holder {
  const holder = held.get(token.door) ?? new Joined(token, life);
  held.set(token.door, holder);
  holder.enter(token);
  return holder;
}

/** This thread is the owner's. The function that is returned is to be called when it shares no more. */
export function holdAsOwner(door: string): () => void {
  held.set(door, { isListed: true, enter: markAsUsed, leave: () => undefined });
  return () => held.delete(door);
}

class Joined implements Holder {
  readonly #door: string;
  readonly #runner: Int32Array;
  readonly #ticket: number;
  /** Undefined when this thread can leave no mark of its life, or the list is full: it is counted, and no more. */
  readonly #place: Int32Array | undefined;
  #runners = 0;

  constructor({ door, memory }: RunnerToken, life: LifeMark | undefined) {
    this.#door = door;
    this.#runner = new Int32Array(memory);
    // Before the token counts as used: between the two there must be no moment in which nobody seems to come.
    incrementWord(this.#runner, HOLDERS);
    this.#ticket = incrementWord(this.#runner, TICKETS);
    this.#place = life && list(memory, life, this.#ticket);
  }

  get isListed(): boolean {
    return this.#place !== undefined;
  }

  enter(token: RunnerToken): void {
    this.#runners += 1;
    markAsUsed(token);
  }

  leave(): void {
    this.#runners -= 1;
    if (this.#runners > 0) return;
    held.delete(this.#door);
    const isCounted =
      this.#place === undefined || replaceWord(this.#place, HOLDER_TICKET, this.#ticket, FREE);
    if (isCounted) decrementWord(this.#runner, HOLDERS);
  }
}

/** A token counts once, whatever is made from it. */
function markAsUsed({ memory, used }: RunnerToken): void {
  if (swapWord(new Int32Array(used), 0, 1) === 0) incrementWord(new Int32Array(memory), CONNECTS);
}

function list(memory: SharedArrayBuffer, life: LifeMark, ticket: number): Int32Array | undefined {
  for (let place = 0; place < HOLDER_PLACES; place++) {
    const words = holderPlace(memory, place);
    if (!replaceWord(words, HOLDER_TICKET, FREE, BEING_WRITTEN)) continue;
    const wide = new BigInt64Array(memory, words.byteOffset, words.byteLength >> 3);
    words[HOLDER_FD] = life.fd;
    wide[HOLDER_INODE] = life.inode;
    wide[HOLDER_MADE_AT] = life.madeAt;
    publishWord(words, HOLDER_TICKET, ticket);
    return words;
  }
  return undefined;
}

/** Those whose thread has ended without a word. */
export function countOutDeadHolders(memory: SharedArrayBuffer): void {
  for (let place = 0; place < HOLDER_PLACES; place++) {
    const words = holderPlace(memory, place);
    const ticket = readWord(words, HOLDER_TICKET);
    if (ticket === FREE || ticket === BEING_WRITTEN) continue;
    const wide = new BigInt64Array(memory, words.byteOffset, words.byteLength >> 3);
    const life: LifeMark = {
      fd: words[HOLDER_FD]!,
      inode: wide[HOLDER_INODE]!,
      madeAt: wide[HOLDER_MADE_AT]!,
    };
    // The ticket says that it is still the same one. Of two loop threads that look, one counts it out.
    if (!isAlive(life) && replaceWord(words, HOLDER_TICKET, ticket, FREE)) {
      decrementWord(new Int32Array(memory), HOLDERS);
    }
  }
}
