import type { Attachments } from './attachments.ts';
import { arePortsLossy } from '../runtime/lossy-ports.ts';
import { publishWord, readWord } from './atomics.ts';
import { explainRefusal, findRefusal } from './refusal.ts';
import { Encoder } from './encode.ts';
import type { EncoderBridge } from './encoder-bridge.ts';
import type { ParcelPort } from './ports.ts';
import {
  MAX_INLINE_BYTES,
  NO_RECORD,
  PAD,
  RECORD_HEADER_BYTES,
  recordNumber,
  RESTART_BYTES,
  RING_BYTES,
  type Direction,
} from './layout.ts';

/** A message that travels by port: its bytes, and what only structured clone can carry. */
export type Parcel = [
  bytes: Uint8Array | string,
  attachments: readonly unknown[],
  isNested: boolean,
];

/**
 * The writing end of one direction. A message is staged with {@link open} and {@link close}; nothing
 * is visible to the other thread until {@link publish}, and {@link rollback} undoes all that is staged.
 *
 * Small messages are encoded straight into the ring. What is too long for it, finds it full, or holds
 * platform objects travels by port. Each ring record carries the number of its message, so the reader
 * takes both in the order in which they were written, and finds a record without any other word.
 */
export class Outbox {
  readonly #words: Int32Array;
  readonly #direction: Direction;
  readonly #port: ParcelPort;
  readonly #bridge: EncoderBridge;
  readonly #ring: Buffer;
  readonly #records: Int32Array;
  readonly #encoder: Encoder;
  /** Is a message being written? */
  isOpen = false;
  /** Between the first half of a publication and the last one of them may have been seen, and the other not. */
  isHalfOut = false;
  /** Messages published, and ring position published. Both wrap. */
  #count: number;
  #end = 0;
  /** How far the reader had read when this side looked last: only ever further. */
  #readSeen = 0;
  #stagedCount = 0;
  #stagedEnd = 0;
  #stagedParcels: Parcel[] = [];
  /** How many of those are in the port already: more than none only where a publication was cut off. */
  #postedParcels = 0;
  /** Those of each staged parcel. */
  #stagedAttachments: Attachments[] = [];
  /** `#count` when the first of them was staged: what is nested in them has gone out since. */
  #countAtStart = 0;
  /** The header at `#end`, whose number makes all that is staged visible; NO_RECORD when all goes by port. */
  #firstNumber = NO_RECORD;

  constructor(
    memory: SharedArrayBuffer,
    direction: Direction,
    port: ParcelPort,
    bridge: EncoderBridge,
    count = 0,
  ) {
    this.#count = count;
    this.#words = new Int32Array(memory);
    this.#direction = direction;
    this.#port = port;
    this.#bridge = bridge;
    this.#ring = Buffer.from(memory, direction.ringOffset, RING_BYTES);
    this.#records = new Int32Array(memory, direction.ringOffset, RING_BYTES >> 2);
    this.#encoder = new Encoder(bridge, true);
  }

  /** Is a message being written, or has not been published? */
  get hasStaged(): boolean {
    return this.isOpen || this.#stagedCount > 0;
  }

  /** The number that the sequence word shows once all that is staged has been published. */
  get ticket(): number {
    return ((this.#count + this.#stagedCount) << 1) | 0;
  }

  /** Has the other thread taken the message with this ticket? */
  hasTaken(ticket: number): boolean {
    return ((readWord(this.#words, this.#direction.taken) - ticket) | 0) >= 0;
  }

  /**
   * Begins a message and returns the encoder to write it with. When user code that runs inside an
   * encoding (a getter) sends a message of its own, that one gets an encoder of its own and is
   * published first.
   */
  open(): Encoder {
    if (this.isOpen) return new Encoder(this.#bridge, false).startOnHeap();
    this.isOpen = true;
    if (this.#stagedCount === 0) {
      this.#stagedEnd = this.#end;
      this.#countAtStart = this.#count;
      this.#firstNumber = NO_RECORD;
    }
    const encoder = this.#encoder;
    let offset = this.#stagedEnd & (RING_BYTES - 1);
    const canRestart = offset >= RESTART_BYTES && this.#isAllRead();
    let free = this.#free();
    let room = RING_BYTES - offset;
    if (free > room && (canRestart || room < MAX_INLINE_BYTES)) {
      this.#padToStart(offset, room);
      free -= room;
      offset = 0;
      room = RING_BYTES;
    }
    if (free < 64) return encoder.startOnHeap();
    // The header after the record is this side's as well.
    const limit = Math.min(room, free - RECORD_HEADER_BYTES, MAX_INLINE_BYTES);
    return encoder.startInRing(this.#ring, offset + RECORD_HEADER_BYTES, offset + limit);
  }

  #isAllRead(): boolean {
    if (this.#stagedEnd !== this.#end) return false;
    this.#readSeen = readWord(this.#words, this.#direction.read);
    return this.#readSeen === this.#end;
  }

  /**
   * Bytes of the ring that are free, at the least. The reader writes its word with every message, so
   * looking at it each time would move its cache line there and back: a look a ring is enough.
   */
  #free(): number {
    let used = (this.#stagedEnd - this.#readSeen) | 0;
    if (used > RING_BYTES / 2) {
      this.#readSeen = readWord(this.#words, this.#direction.read);
      used = (this.#stagedEnd - this.#readSeen) | 0;
    }
    return RING_BYTES - used;
  }

  /**
   * Ends a message. It is staged, and goes out with the next {@link publish}.
   *
   * @throws {UncloneableError} when it is to move what is not in it.
   */
  close(encoder: Encoder): void {
    encoder.checkMoves(encoder === this.#encoder ? this.#stagedAttachments : []);
    if (encoder !== this.#encoder) {
      this.#sendNested(encoder);
      return;
    }
    if (encoder.isInRing && encoder.attachments.isEmpty) {
      const offset = this.#stagedEnd & (RING_BYTES - 1);
      this.#endRecord(offset, encoder.pos - offset - RECORD_HEADER_BYTES);
    } else {
      const attachments = encoder.takeAttachments();
      this.#stagedParcels.push([encoder.takeForPort(), attachments.values, false]);
      this.#stagedAttachments.push(attachments);
    }
    // Last: where this is cut off, the message is still open, and given up when the stack has been left.
    this.#stagedCount += 1;
    this.isOpen = false;
    encoder.finish();
  }

  /** Gives up the message that is open, and all others that are staged. */
  rollback(encoder: Encoder): void {
    encoder.abandon();
    if (encoder !== this.#encoder) return;
    this.isOpen = false;
    this.#forgetStaged();
  }

  /** As {@link rollback}, for a message whose writer was cut off. */
  giveUp(): void {
    this.rollback(this.#encoder);
  }

  /**
   * Makes all staged messages visible: parcels first, then the ring, then the number. False when there
   * was nothing to do: a nested message has gone out by itself, and leaves the open one's stage alone.
   *
   * @throws {UncloneableError} when the platform refuses an attachment. Nothing has been sent then.
   */
  publish(): boolean {
    if (this.isOpen || this.#stagedCount === 0) return false;
    // `finally` does not run where the stack is cut off: then the mark stays.
    this.isHalfOut = true;
    try {
      this.#publishStaged();
    } finally {
      this.isHalfOut = false;
    }
    return true;
  }

  #publishStaged(): void {
    const nested = (this.#count - this.#countAtStart) | 0;
    if (this.#stagedParcels.length > this.#postedParcels) {
      try {
        const posted = this.#postedParcels;
        post(this.#port, this.#stagedParcels.slice(posted), this.#stagedAttachments.slice(posted));
        this.#postedParcels = this.#stagedParcels.length;
      } catch (error) {
        this.#encoder.abandon();
        this.#forgetStaged();
        throw error;
      }
    }
    // Nested parcels went out before the staged ones: the numbers of the staged records are that much higher.
    if (nested !== 0) this.#shiftStagedRecords(nested);
    this.#encoder.commit();
    const first = ((this.#end & (RING_BYTES - 1)) >> 2) + 1;
    if (this.#firstNumber !== NO_RECORD) publishWord(this.#records, first, this.#firstNumber);
    this.#end = this.#stagedEnd;
    this.#count = (this.#count + this.#stagedCount) & 0x7fff_ffff;
    this.#stagedCount = 0;
    if (this.#stagedParcels.length > 0) this.#forgetStaged();
    publishWord(this.#words, this.#direction.seq, (this.#count << 1) | 0);
  }

  /** While another message is open: by port, at once, with shapes of its own. */
  #sendNested(encoder: Encoder): void {
    const parcel: Parcel = [encoder.takeForPort(), encoder.attachments.values, true];
    this.isHalfOut = true;
    try {
      post(this.#port, [parcel], [encoder.attachments]);
      encoder.finish();
      this.#count = (this.#count + 1) & 0x7fff_ffff;
      publishWord(this.#words, this.#direction.seq, (this.#count << 1) | 0);
    } catch (error) {
      encoder.abandon();
      throw error;
    } finally {
      this.isHalfOut = false;
    }
  }

  #forgetStaged(): void {
    this.#stagedCount = 0;
    this.#stagedEnd = this.#end;
    this.#postedParcels = 0;
    this.#stagedParcels = [];
    this.#stagedAttachments = [];
  }

  #padToStart(offset: number, room: number): void {
    this.#records[offset >> 2] = PAD;
    this.#setNumber(offset, PAD);
    this.#stagedEnd = (this.#stagedEnd + room) | 0;
    this.#records[1] = NO_RECORD;
  }

  #endRecord(offset: number, length: number): void {
    this.#records[offset >> 2] = length;
    this.#stagedEnd = (this.#stagedEnd + ((RECORD_HEADER_BYTES + length + 7) & ~7)) | 0;
    // What stands there is old: the reader must find nothing when it has come so far.
    this.#records[((this.#stagedEnd & (RING_BYTES - 1)) >> 2) + 1] = NO_RECORD;
    this.#setNumber(offset, recordNumber(this.#countAtStart + this.#stagedCount + 1));
  }

  /** The reader stands before the first that is staged, and so sees no other until that has its number. */
  #setNumber(offset: number, number: number): void {
    if (offset === (this.#end & (RING_BYTES - 1))) this.#firstNumber = number;
    else this.#records[(offset >> 2) + 1] = number;
  }

  #shiftStagedRecords(by: number): void {
    let position = this.#end;
    while (position !== this.#stagedEnd) {
      const offset = position & (RING_BYTES - 1);
      const length = this.#records[offset >> 2]!;
      if (length === PAD) {
        position = (position + RING_BYTES - offset) | 0;
        continue;
      }
      const old = position === this.#end ? this.#firstNumber : this.#records[(offset >> 2) + 1]!;
      this.#setNumber(offset, recordNumber((old >>> 1) + by));
      position = (position + ((RECORD_HEADER_BYTES + length + 7) & ~7)) | 0;
    }
  }
}

/** One message for all parcels: either the platform takes the whole batch, or nothing is sent. */
function post(
  port: ParcelPort,
  parcels: readonly Parcel[],
  attachments: readonly Attachments[],
): void {
  const refusal = arePortsLossy ? findRefusal(attachments) : undefined;
  if (refusal !== undefined) throw refusal;
  try {
    port.send(
      parcels,
      attachments.flatMap(({ transfers }) => transfers),
    );
  } catch (error) {
    throw explainRefusal(attachments, error);
  }
}
