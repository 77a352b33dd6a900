import type { Attachments } from './attachments.ts';
import { publishWord, readWord } from './atomics.ts';
import { explainRefusal } from './refusal.ts';
import { Encoder } from './encode.ts';
import type { EncoderBridge } from './encoder-bridge.ts';
import type { ParcelPort } from './ports.ts';
import {
  MAX_INLINE_BYTES,
  PAD,
  RECORD_HEADER_BYTES,
  RING_BYTES,
  type Direction,
} from './layout.ts';

/** A message that travels by port: its bytes, and what only structured clone can carry. */
export type Parcel = [bytes: Uint8Array, attachments: readonly unknown[], isNested: boolean];

/**
 * The writing end of one direction. A message is staged with {@link open} and {@link close}; nothing
 * is visible to the other thread until {@link publish}, and {@link rollback} undoes all that is staged.
 *
 * Small messages are encoded straight into the ring. What is too long for it, finds it full, or holds
 * platform objects travels by port. Each ring record carries the number of messages that went by port
 * before it, so the reader takes both in the order in which they were written.
 */
export class Outbox {
  readonly #words: Int32Array;
  readonly #direction: Direction;
  readonly #port: ParcelPort;
  readonly #bridge: EncoderBridge;
  readonly #ring: Buffer;
  readonly #records: Int32Array;
  readonly #encoder: Encoder;
  #isOpen = false;
  /** Messages published, and ring position published. Both wrap. */
  #count = 0;
  #end = 0;
  /** Messages that went by port so far. */
  #parcels = 0;
  #stagedCount = 0;
  #stagedEnd = 0;
  #stagedParcels: Parcel[] = [];
  /** Those of each staged parcel. */
  #stagedAttachments: Attachments[] = [];
  #parcelsAtStart = 0;

  constructor(
    memory: SharedArrayBuffer,
    direction: Direction,
    port: ParcelPort,
    bridge: EncoderBridge,
  ) {
    this.#words = new Int32Array(memory);
    this.#direction = direction;
    this.#port = port;
    this.#bridge = bridge;
    this.#ring = Buffer.from(memory, direction.ringOffset, RING_BYTES);
    this.#records = new Int32Array(memory, direction.ringOffset, RING_BYTES >> 2);
    this.#encoder = new Encoder(bridge, true);
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
    if (this.#isOpen) return new Encoder(this.#bridge, false).startOnHeap();
    this.#isOpen = true;
    if (this.#stagedCount === 0) {
      this.#stagedEnd = this.#end;
      this.#parcelsAtStart = this.#parcels;
    }
    const encoder = this.#encoder;
    const used = (this.#stagedEnd - readWord(this.#words, this.#direction.read)) | 0;
    let free = RING_BYTES - used;
    let offset = this.#stagedEnd & (RING_BYTES - 1);
    let room = RING_BYTES - offset;
    if (room < MAX_INLINE_BYTES && free > room) {
      this.#padToStart(offset, room);
      free -= room;
      offset = 0;
      room = RING_BYTES;
    }
    if (free < 64) return encoder.startOnHeap();
    const limit = Math.min(room, free, MAX_INLINE_BYTES);
    return encoder.startInRing(this.#ring, offset + RECORD_HEADER_BYTES, offset + limit);
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
    this.#isOpen = false;
    this.#stagedCount += 1;
    if (encoder.isInRing && encoder.attachments.isEmpty) {
      const offset = this.#stagedEnd & (RING_BYTES - 1);
      this.#endRecord(offset, encoder.pos - offset - RECORD_HEADER_BYTES);
    } else {
      const attachments = encoder.takeAttachments();
      this.#stagedParcels.push([encoder.copyBytes(), attachments.values, false]);
      this.#stagedAttachments.push(attachments);
    }
    encoder.finish();
  }

  /** Gives up the message that is open, and all others that are staged. */
  rollback(encoder: Encoder): void {
    encoder.abandon();
    if (encoder !== this.#encoder) return;
    this.#isOpen = false;
    this.#forgetStaged();
  }

  /**
   * Makes all staged messages visible: parcels first, then the ring, then the number. False when there
   * was nothing to do: a nested message has gone out by itself, and leaves the open one's stage alone.
   *
   * @throws {UncloneableError} when the platform refuses an attachment. Nothing has been sent then.
   */
  publish(): boolean {
    if (this.#isOpen || this.#stagedCount === 0) return false;
    const nested = this.#parcels - this.#parcelsAtStart;
    if (this.#stagedParcels.length > 0) {
      try {
        post(this.#port, this.#stagedParcels, this.#stagedAttachments);
      } catch (error) {
        this.#encoder.abandon();
        this.#forgetStaged();
        throw error;
      }
      this.#parcels += this.#stagedParcels.length;
    }
    // Nested parcels went out before the staged ones: the staged records count that many more.
    if (nested !== 0) this.#shiftStagedRecords(nested);
    this.#encoder.commit();
    this.#end = this.#stagedEnd;
    this.#count = (this.#count + this.#stagedCount) & 0x7fff_ffff;
    if (this.#stagedParcels.length > 0) this.#forgetStaged();
    else this.#stagedCount = 0;
    publishWord(this.#words, this.#direction.end, this.#end);
    publishWord(this.#words, this.#direction.seq, (this.#count << 1) | 0);
    return true;
  }

  /** While another message is open: by port, at once, with shapes of its own. */
  #sendNested(encoder: Encoder): void {
    const parcel: Parcel = [encoder.copyBytes(), encoder.attachments.values, true];
    try {
      post(this.#port, [parcel], [encoder.attachments]);
    } catch (error) {
      encoder.abandon();
      throw error;
    }
    encoder.finish();
    this.#parcels += 1;
    this.#count = (this.#count + 1) & 0x7fff_ffff;
    publishWord(this.#words, this.#direction.seq, (this.#count << 1) | 0);
  }

  #forgetStaged(): void {
    this.#stagedCount = 0;
    this.#stagedEnd = this.#end;
    this.#stagedParcels = [];
    this.#stagedAttachments = [];
  }

  #padToStart(offset: number, room: number): void {
    this.#records[offset >> 2] = PAD;
    this.#records[(offset >> 2) + 1] = this.#parcelsAtStart + this.#stagedParcels.length;
    this.#stagedEnd = (this.#stagedEnd + room) | 0;
  }

  #endRecord(offset: number, length: number): void {
    this.#records[offset >> 2] = length;
    this.#records[(offset >> 2) + 1] = this.#parcelsAtStart + this.#stagedParcels.length;
    this.#stagedEnd = (this.#stagedEnd + ((RECORD_HEADER_BYTES + length + 7) & ~7)) | 0;
  }

  #shiftStagedRecords(by: number): void {
    let position = this.#end;
    while (position !== this.#stagedEnd) {
      const offset = position & (RING_BYTES - 1);
      const length = this.#records[offset >> 2]!;
      this.#records[(offset >> 2) + 1]! += by;
      const size = length === PAD ? RING_BYTES - offset : (RECORD_HEADER_BYTES + length + 7) & ~7;
      position = (position + size) | 0;
    }
  }
}

/** One message for all parcels: either the platform takes the whole batch, or nothing is sent. */
function post(
  port: ParcelPort,
  parcels: readonly Parcel[],
  attachments: readonly Attachments[],
): void {
  try {
    port.send(
      parcels,
      attachments.flatMap(({ transfers }) => transfers),
    );
  } catch (error) {
    throw explainRefusal(attachments, error);
  }
}
