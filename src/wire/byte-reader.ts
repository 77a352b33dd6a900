import { SHORT_STRING, shortString } from './short-strings.ts';
import { LATIN1 } from './tags.ts';

const NO_BYTES = Buffer.alloc(0);

/** Reads what {@link ByteWriter} wrote, from shared memory or from a parcel. */
export class ByteReader {
  #bytes: Buffer = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);
  #pos = 0;
  #start = 0;

  startAt(bytes: Buffer, pos: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#pos = pos;
    this.#start = pos;
  }

  /** What has been read is no longer held. */
  letGo(): void {
    this.startAt(NO_BYTES, 0);
  }

  /** How many bytes follow; less than none, when what was read did not end where it said. */
  get remaining(): number {
    return this.#bytes.byteLength - this.#pos;
  }

  u8(): number {
    return this.#bytes[this.#pos++]!;
  }

  varint(): number {
    let byte = this.#bytes[this.#pos++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = this.#bytes[this.#pos++]!;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte > 0x7f);
    return value >>> 0;
  }

  f64(): number {
    const value = this.#view.getFloat64(this.#pos, true);
    this.#pos += 8;
    return value;
  }

  i32(): number {
    const value = this.#view.getInt32(this.#pos, true);
    this.#pos += 4;
    return value;
  }

  /** A copy of the next bytes: what they lie in belongs to the writer again soon. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    // From a queue anything may come: it must not make this side reserve gigabytes.
    if (length > this.remaining)
      throw new RangeError('palitra: a message ends in the middle of a buffer');
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(this.#pos, this.#pos + length));
    this.#pos += length;
    return copy;
  }

  /** A string with its tag. */
  string(): string {
    return this.u8() === LATIN1 ? this.latin1() : this.utf16();
  }

  latin1(): string {
    const length = this.varint();
    const start = this.#pos;
    this.#pos = start + length;
    if (length <= SHORT_STRING) return shortString(this.#bytes, start, length);
    return this.#bytes.toString('latin1', start, this.#pos);
  }

  utf16(): string {
    const length = 2 * this.varint();
    this.#pos += (this.#pos - this.#start) % 2;
    const start = this.#pos;
    this.#pos = start + length;
    return this.#bytes.toString('utf16le', start, this.#pos);
  }
}
