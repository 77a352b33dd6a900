/** Numbers have 32 bits, as a varint carries them; 0 is none. */
const LARGEST = 0xffff_ffff;
/** The number before the first. A constant of its own so that tests can make a build that begins near the end. */
const BEFORE_FIRST = 0;

/** What has a number and may not lose it. */
interface InUse {
  has(id: number): boolean;
}

/**
 * Gives out numbers in a row. After 2³² they begin again, and leave out those that are in use: a server may
 * have been running since the first call.
 */
export class Ids {
  readonly #inUse: InUse;
  #last = BEFORE_FIRST;
  /** Before that nothing can be in use that has not been given out once. */
  #hasWrapped = false;

  constructor(inUse: InUse) {
    this.#inUse = inUse;
  }

  next(): number {
    return this.reserve(1);
  }

  /** So many numbers, one after the other; the first of them. */
  reserve(count: number): number {
    let first = this.#last + 1;
    if (first + count - 1 > LARGEST) {
      this.#hasWrapped = true;
      first = 1;
    }
    if (this.#hasWrapped) first = this.#findFree(first, count);
    this.#last = first + count - 1;
    return first;
  }

  #findFree(from: number, count: number): number {
    let first = from;
    for (let id = first; id < first + count; id++) {
      if (id > LARGEST) {
        first = 1;
        id = 0;
      } else if (this.#inUse.has(id)) {
        first = id + 1;
      }
    }
    return first;
  }
}
