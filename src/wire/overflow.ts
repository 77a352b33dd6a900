import { types } from 'node:util';
import { publishWord, readWord } from './atomics.ts';
import type { Parcel } from './outbox.ts';

/** Batches written and taken, and where each of the latest begins. */
const WRITTEN = 0;
const TAKEN = 1;
const STARTS = 2;
/** So many batches may be waiting. */
const MOST_BATCHES = 1_022;
const DATA_START = 4 * (STARTS + MOST_BATCHES);
/** Of addresses; memory is taken as it is needed. */
const MOST_BYTES = 1 << 30;

const REFUSAL =
  'in Bun and Deno only bytes and plain data can come to a runner that was made by connect(); use the runner that owns the loop thread for others.';

/** Loading it takes 3 ms (Node 20), which is for nothing where no memory is needed. */
const v8 = (): typeof import('node:v8') => process.getBuiltinModule('node:v8');

/** `serialize` would make a copy of what is shared, and an empty object of a `Blob`. */
function isPlain(attachment: unknown): boolean {
  const buffer = ArrayBuffer.isView(attachment) ? attachment.buffer : attachment;
  return types.isArrayBuffer(buffer);
}

/**
 * Parcels from a loop thread to a thread that it has never met, where such a thread cannot read a
 * BroadcastChannel while it is blocked: in Bun and Deno. They are bytes in shared memory that grows. So
 * nothing can travel that is more than data.
 *
 * The loop thread writes a batch, and then its number; the caller copies it, and then counts it as taken.
 * Only when all of them have been taken the loop thread begins again at the start.
 */
export class Overflow {
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** Where the loop thread writes next. */
  #end = DATA_START;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.#words = new Int32Array(memory, 0, DATA_START >> 2);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(DATA_START, { maxByteLength: MOST_BYTES });
  }

  /** Throws when there is something among it that is no plain data, or too much. */
  write(parcels: readonly Parcel[]): void {
    for (const attachment of parcels.flatMap(([, attachments]) => attachments)) {
      if (!isPlain(attachment)) throw new TypeError(REFUSAL);
    }
    const bytes = v8().serialize(parcels);
    const number = readWord(this.#words, WRITTEN);
    const waiting = (number - readWord(this.#words, TAKEN)) | 0;
    const start = waiting === 0 ? DATA_START : this.#end;
    const end = (start + 4 + bytes.byteLength + 3) & ~3;
    if (waiting >= MOST_BATCHES || end > MOST_BYTES) {
      throw new RangeError('too much is waiting for a thread that does not take it');
    }
    if (end > this.#memory.byteLength) {
      this.#memory.grow(Math.min(MOST_BYTES, Math.max(end, 2 * this.#memory.byteLength)));
    }
    new Int32Array(this.#memory, start, 1)[0] = bytes.byteLength;
    new Uint8Array(this.#memory, start + 4, bytes.byteLength).set(bytes);
    this.#end = end;
    this.#words[STARTS + ((number >>> 0) % MOST_BATCHES)] = start;
    publishWord(this.#words, WRITTEN, (number + 1) | 0);
  }

  take(): Parcel[] | undefined {
    const number = readWord(this.#words, TAKEN);
    if (number === readWord(this.#words, WRITTEN)) return undefined;
    const start = this.#words[STARTS + ((number >>> 0) % MOST_BATCHES)]!;
    const length = new Int32Array(this.#memory, start, 1)[0]!;
    const bytes = Buffer.from(new Uint8Array(this.#memory, start + 4, length));
    publishWord(this.#words, TAKEN, (number + 1) | 0);
    return v8().deserialize(bytes) as Parcel[];
  }
}
