import { publishWord, readWord } from './atomics.ts';
import { Decoder, type DecoderBridge } from './decode.ts';
import { CLOSED_BIT, PAD, RECORD_HEADER_BYTES, RING_BYTES, type Direction } from './layout.ts';
import type { Parcel } from './outbox.ts';
import type { ParcelPort } from './ports.ts';

const NO_ATTACHMENTS: readonly unknown[] = [];
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
  #count = 0;
  #read = 0;
  #parcels = 0;
  /** Where this side stands once the message that it looks at has been released. */
  #nextRead = 0;
  #nextParcels = 0;
  /** What came by port in one message, and how much of that has been released. */
  #batch: (Parcel | undefined)[] = [];
  #released = 0;

  constructor(
    memory: SharedArrayBuffer,
    direction: Direction,
    port: ParcelPort,
    bridge: DecoderBridge,
  ) {
    this.#words = new Int32Array(memory);
    this.#direction = direction;
    this.#port = port;
    this.#ring = Buffer.from(memory, direction.ringOffset, RING_BYTES);
    this.#records = new Int32Array(memory, direction.ringOffset, RING_BYTES >> 2);
    this.decoder = new Decoder(bridge);
  }

  /** The sequence word as it was when every message known so far had been taken: what to sleep on. */
  get seen(): number {
    return (this.#count << 1) | 0;
  }

  /** Will the other thread write no more? */
  get isClosed(): boolean {
    return (readWord(this.#words, this.#direction.seq) & CLOSED_BIT) !== 0;
  }

  /** Has the sequence word changed since the last message was taken: a message, or the end? */
  get hasNews(): boolean {
    return readWord(this.#words, this.#direction.seq) !== ((this.#count << 1) | 0);
  }

  /** Is there a message that has not been taken? */
  get hasMore(): boolean {
    return (readWord(this.#words, this.#direction.seq) & ~CLOSED_BIT) !== ((this.#count << 1) | 0);
  }

  /**
   * Points {@link decoder} at the next message; false when there is none. The message is to be read
   * whole, up to {@link release}, before anything else runs: its bytes are the other thread's again
   * afterwards. If that fails, because the caller's stack is full, it stays the next message.
   */
  take(): boolean {
    if (!this.hasMore) return false;
    return this.#takeFromRing() || this.#takeFromPort();
  }

  /** Gives the bytes of the message back to the writer. */
  release(): void {
    this.decoder.finish();
    this.#count = (this.#count + 1) & 0x7fff_ffff;
    this.#read = this.#nextRead;
    if (this.#parcels !== this.#nextParcels) {
      this.#parcels = this.#nextParcels;
      this.#batch[this.#released++] = undefined;
    }
    publishWord(this.#words, this.#direction.read, this.#read);
    publishWord(this.#words, this.#direction.taken, (this.#count << 1) | 0);
  }

  #takeFromRing(): boolean {
    const end = readWord(this.#words, this.#direction.end);
    let read = this.#read;
    while (read !== end) {
      const offset = read & (RING_BYTES - 1);
      const parcelsBefore = this.#records[(offset >> 2) + 1]!;
      if (((parcelsBefore - this.#parcels) | 0) > 0) return false;
      const length = this.#records[offset >> 2]!;
      if (length === PAD) {
        read = (read + RING_BYTES - offset) | 0;
        continue;
      }
      this.#nextRead = (read + ((RECORD_HEADER_BYTES + length + 7) & ~7)) | 0;
      this.#nextParcels = this.#parcels;
      this.decoder.start(this.#ring, offset + RECORD_HEADER_BYTES, NO_ATTACHMENTS, false);
      return true;
    }
    return false;
  }

  /** False when it has been announced and has not come: the port will say when it has. */
  #takeFromPort(): boolean {
    if (this.#released === this.#batch.length) {
      probeStack();
      // Posted before the number that announces it was stored, so it is there.
      const batch = this.#port.take();
      if (batch === undefined && this.#port.onArrival !== undefined) return false;
      if (batch === undefined) throw new Error('palitra: a message announced is not in the port');
      this.#batch = batch;
      this.#released = 0;
    }
    const [bytes, attachments, isNested] = this.#batch[this.#released]!;
    this.#nextRead = this.#read;
    this.#nextParcels = this.#parcels + 1;
    this.decoder.start(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      0,
      attachments,
      isNested,
    );
    return true;
  }
}
