import { FLOAT, INT, LATIN1, SMALL_INT, UTF16 } from './tags.ts';

/** Up to this length a loop over the characters is faster than a call into the platform. */
const SHORT_STRING = 24;
/** Up to this length a message that goes by port is a string there. */
const SHORT_MESSAGE = 256;
/** Beyond that a string that is not ASCII goes as UTF-16. */
const LONG_TEXT = 1_000;
const FIRST_HEAP_BYTES = 1 << 16;
const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/**
 * Writes into shared memory while there is room, and moves to memory of its own when there is not: a
 * message that outgrows the ring is no special case for whoever writes it.
 */
export class ByteWriter {
  pos = 0;
  isInRing = false;
  #bytes: Buffer = NO_BYTES;
  #view: DataView = NO_VIEW;
  #limit = 0;
  #start = 0;
  #ring: Buffer | undefined;
  #ringView: DataView = this.#view;

  startInRing(ring: Buffer, start: number, limit: number): this {
    if (ring !== this.#ring) {
      this.#ring = ring;
      this.#ringView = new DataView(ring.buffer, ring.byteOffset, ring.byteLength);
    }
    this.#bytes = ring;
    this.#view = this.#ringView;
    this.#start = start;
    this.#limit = limit;
    this.pos = start;
    this.isInRing = true;
    return this;
  }

  /** With nothing but what it grows to: memory of an earlier message may be large. */
  startOnHeap(): this {
    this.isInRing = false;
    this.#bytes = NO_BYTES;
    this.#view = NO_VIEW;
    this.#start = 0;
    this.pos = 0;
    this.#limit = 0;
    return this;
  }

  /**
   * What has been written, to be sent by port: few bytes as a string. V8 collects garbage when more than
   * 64 MiB of buffers arrive between two collections, and a tiny one beside a moved one of just that size
   * made it do so every time; a string is no buffer.
   */
  takeForPort(): Uint8Array<ArrayBuffer> | string {
    if (this.pos - this.#start > SHORT_MESSAGE) return this.copyBytes();
    return this.#bytes.toString('latin1', this.#start, this.pos);
  }

  /** What has been written, in memory of its own. */
  copyBytes(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.pos - this.#start);
    copy.set(this.#bytes.subarray(this.#start, this.pos));
    return copy;
  }

  u8(value: number): void {
    if (this.pos >= this.#limit) this.#grow(1);
    this.#bytes[this.pos++] = value;
  }

  /** An unsigned 32-bit number in 1 to 5 bytes: 7 bits each, the low ones first (LEB128). */
  varint(value: number): void {
    if (this.pos + 5 > this.#limit) this.#grow(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.pos++] = rest;
  }

  f64(value: number): void {
    if (this.pos + 8 > this.#limit) this.#grow(8);
    this.#view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  i32(value: number): void {
    if (this.pos + 4 > this.#limit) this.#grow(4);
    this.#view.setInt32(this.pos, value, true);
    this.pos += 4;
  }

  raw(source: Uint8Array): void {
    const length = source.byteLength;
    if (this.pos + length > this.#limit) this.#grow(length);
    this.#bytes.set(source, this.pos);
    this.pos += length;
  }

  /** A number with its tag, or as its own tag. */
  number(value: number): void {
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      this.u8(FLOAT);
      this.f64(value);
    } else if (value >= 0 && value < SMALL_INT) {
      this.u8(SMALL_INT + value);
    } else {
      this.u8(INT);
      this.i32(value);
    }
  }

  /** A string with its tag: one byte a character where that is enough, else UTF-16, lone surrogates included. */
  string(text: string): void {
    const length = text.length;
    if (length <= SHORT_STRING) {
      if (this.pos + length + 2 > this.#limit) this.#grow(length + 2);
      const bytes = this.#bytes;
      const start = this.pos;
      let pos = start + 2;
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0xff) break;
        bytes[pos++] = code;
      }
      if (index === length) {
        bytes[start] = LATIN1;
        bytes[start + 1] = length;
        this.pos = pos;
        return;
      }
    } else if (isLatin1(text)) {
      this.u8(LATIN1);
      this.varint(length);
      if (this.pos + length > this.#limit) this.#grow(length);
      this.#bytes.write(text, this.pos, length, 'latin1');
      this.pos += length;
      return;
    }
    this.u8(UTF16);
    this.varint(length);
    // At an even place, from where the platform reads it as it is. Messages begin at even places.
    if ((this.pos - this.#start) % 2 !== 0) this.u8(0);
    if (this.pos + 2 * length > this.#limit) this.#grow(2 * length);
    this.#bytes.write(text, this.pos, 2 * length, 'utf16le');
    this.pos += 2 * length;
  }

  #grow(needed: number): void {
    const used = this.pos - this.#start;
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_HEAP_BYTES, 2 * (used + needed)));
    if (used > 0) grown.set(this.#bytes.subarray(this.#start, this.pos));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
    this.#limit = grown.byteLength;
    this.#start = 0;
    this.pos = used;
    this.isInRing = false;
  }
}

/** Of a long one only whether it is ASCII: to look at each character would take longer than to copy twice the bytes. */
function isLatin1(text: string): boolean {
  // The length in UTF-8 is computed with vector instructions, and equal to this only for pure ASCII.
  return (
    Buffer.byteLength(text) === text.length ||
    // eslint-disable-next-line no-control-regex -- the whole of Latin-1 is meant
    (text.length <= LONG_TEXT && !/[^\0-\xff]/.test(text))
  );
}
