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
import { isAlive, type LifeMark } from './life-mark.ts';

/** Values of a ticket before it is one. */
const FREE = 0;
const BEING_WRITTEN = -1;

/** One that this thread has made. */
export class Holder {
  readonly #runner: Int32Array;
  readonly #ticket: number;
  /** Undefined when this thread can leave no mark of its life, or the list is full: it is counted, and no more. */
  readonly #place: Int32Array | undefined;

  /** @param used the word of the token that says whether a runner has been made from it: it counts once. */
  constructor(memory: SharedArrayBuffer, life: LifeMark | undefined, used: Int32Array) {
    this.#runner = new Int32Array(memory);
    // In this order: between the two there must be no moment in which nobody seems to come.
    incrementWord(this.#runner, HOLDERS);
    if (swapWord(used, 0, 1) === 0) incrementWord(this.#runner, CONNECTS);
    this.#ticket = incrementWord(this.#runner, TICKETS);
    this.#place = life && list(memory, life, this.#ticket);
  }

  /** Is it counted out by way of the list, if its thread ends without a word? */
  get isListed(): boolean {
    return this.#place !== undefined;
  }

  leave(): void {
    const isCounted =
      this.#place === undefined || replaceWord(this.#place, HOLDER_TICKET, this.#ticket, FREE);
    if (isCounted) decrementWord(this.#runner, HOLDERS);
  }
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
