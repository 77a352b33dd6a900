import { peekWord, publishWord, readWord } from './atomics.ts';
import { Decoder, NO_ATTACHMENTS, type DecoderBridge } from './decode.ts';
import {
  CLOSED_BIT,
  NO_RECORD,
  PAD,
  RECORD_HEADER_BYTES,
  recordNumber,
  RING_BYTES,
  type Direction,
} from './layout.ts';
import type { Parcel } from './outbox.ts';
import type { ParcelPort } from './ports.ts';

const MANY_ARGUMENTS: readonly undefined[] = Array.from({ length: 8192 });

/**
 * A message that is out of the port can't be put back, and the platform runs code of its own to make it:
 * on a stack that is nearly full this throws first. (8192 arguments are 64 KiB, and take 3 µs.)
 */
function probeStack(): void {
  Reflect.apply(() => undefined, undefined, MANY_ARGUMENTS);
}

/** The reading end of one direction: takes messages in the order in which they were written. */
export class Inbox {
  /** Reads the message that {@link take} has taken. */
  readonly decoder: Decoder;
  readonly #words: Int32Array;
  readonly #direction: Direction;
  readonly #port: ParcelPort;
  readonly #ring: Buffer;
  readonly #records: Int32Array;
  /** What has been taken out of the port has not reached this object. */
  isHalfTaken = false;
  #count: number;
  #read = 0;
  /** Where this side stands once the message that it looks at has been released. */
  #nextRead = 0;
  #isNextParcel = false;
  /** The next message is announced, and the port will say when it has come: until then it is no news. */
  #awaitsPort = false;
  /** What came by port in one message, and how much of that has been released. */
  #batch: (Parcel | undefined)[] = [];
  #batchReleased = 0;

  constructor(
    memory: SharedArrayBuffer,
    direction: Direction,
    port: ParcelPort,
    bridge: DecoderBridge,
    count = 0,
  ) {
    this.#count = count;
    this.#words = new Int32Array(memory);
    this.#direction = direction;
    this.#port = port;
    this.#ring = Buffer.from(memory, direction.ringOffset, RING_BYTES);
    this.#records = new Int32Array(memory, direction.ringOffset, RING_BYTES >> 2);
    this.decoder = new Decoder(bridge);
  }

  /** How many messages have been released, in 31 bits. */
  get released(): number {
    return this.#count;
  }

  /** Will the other thread write no more? */
  get isClosed(): boolean {
    return (readWord(this.#words, this.#direction.seq) & CLOSED_BIT) !== 0;
  }

  /** Is there a message that has not been taken, or will there never be another? */
  get hasNews(): boolean {
    return this.#isNextInRing() || this.isAhead(this.sequence);
  }

  /** As {@link hasNews}, for one look of many (see `peekWord`), and for what comes in the ring only. */
  get mayHaveNews(): boolean {
    return peekWord(this.#records, this.#numberIndex()) !== NO_RECORD;
  }

  /** The sequence word, for a thread that is going to sleep on it. */
  get sequence(): number {
    return readWord(this.#words, this.#direction.seq);
  }

  /**
   * Does the sequence word show a message that has not been taken, or the end? It may as well lag behind:
   * a message in the ring is there as soon as its own number is.
   */
  isAhead(sequence: number): boolean {
    if ((sequence & CLOSED_BIT) !== 0) return true;
    return !this.#awaitsPort && ((sequence - (this.#count << 1)) | 0) > 0;
  }

  /**
   * Points {@link decoder} at the next message; false when there is none. The message is to be read
   * whole, up to {@link release}, before anything else runs: its bytes are the other thread's again
   * afterwards. If that fails, because the caller's stack is full, it stays the next message.
   *
   * A message in the ring is found by its own number, so that the sequence word, which the other thread
   * writes after it, need not travel for it. If that announces a message, the ring is looked at again.
   */
  take(): boolean {
    if (this.#takeFromRing()) return true;
    if (!this.isAhead(this.sequence & ~CLOSED_BIT)) return false;
    return this.#takeFromRing() || this.#takeFromPort();
  }

  /** The port says that something has come. */
  lookIntoPort(): void {
    this.#awaitsPort = false;
  }

  /** Gives the bytes of the message back to the writer. */
  release(): void {
    this.decoder.finish();
    this.#count = (this.#count + 1) & 0x7fff_ffff;
    this.#read = this.#nextRead;
    if (this.#isNextParcel) {
      this.#batch[this.#batchReleased++] = undefined;
      this.decoder.letGo();
    }
    publishWord(this.#words, this.#direction.read, this.#read);
    publishWord(this.#words, this.#direction.taken, (this.#count << 1) | 0);
  }

  #numberIndex(): number {
    return ((this.#read & (RING_BYTES - 1)) >> 2) + 1;
  }

  /** Is the record at which the ring is to be read on the next message? The port may have one before it. */
  #isNextInRing(): boolean {
    let number = readWord(this.#records, this.#numberIndex());
    if (number === PAD && this.#records[this.#numberIndex() - 1] === PAD) {
      this.#read = (this.#read + RING_BYTES - (this.#read & (RING_BYTES - 1))) | 0;
      number = readWord(this.#records, this.#numberIndex());
    }
    return number === recordNumber(this.#count + 1);
  }

  #takeFromRing(): boolean {
    if (!this.#isNextInRing()) return false;
    const offset = this.#read & (RING_BYTES - 1);
    const length = this.#records[offset >> 2]!;
    this.#nextRead = (this.#read + ((RECORD_HEADER_BYTES + length + 7) & ~7)) | 0;
    this.#isNextParcel = false;
    this.decoder.start(this.#ring, offset + RECORD_HEADER_BYTES, NO_ATTACHMENTS, false);
    return true;
  }

  /** False when it has been announced and has not come: the port will say when it has. */
  #takeFromPort(): boolean {
    if (this.#batchReleased === this.#batch.length) {
      probeStack();
      // Posted before the number that announces it was stored, so it is there.
      this.isHalfTaken = true;
      const batch = this.#port.take();
      if (batch !== undefined) {
        this.#batch = batch;
        this.#batchReleased = 0;
      }
      this.isHalfTaken = false;
      if (batch === undefined && this.#port.onArrival !== undefined) {
        this.#awaitsPort = true;
        return false;
      }
      if (batch === undefined) throw new Error('palitra: a message announced is not in the port');
    }
    const [bytes, attachments, isNested] = this.#batch[this.#batchReleased]!;
    this.#nextRead = this.#read;
    this.#isNextParcel = true;
    this.decoder.start(
      typeof bytes === 'string'
        ? Buffer.from(bytes, 'latin1')
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      0,
      attachments,
      isNested,
    );
    return true;
  }
}
