import { Decoder, type DecoderBridge } from './decode.ts';
import { Encoder } from './encode.ts';
import type { EncoderBridge } from './encoder-bridge.ts';

/** The first byte of every portable message. Changed when an older side could not read a newer one's. */
const PORTABLE_VERSION = 1;

const SCRATCH_BYTES = 1 << 16;
let scratch: Buffer | undefined;

/** What functions and handles are where nothing but bytes can go. */
const outgoing: EncoderBridge = {
  reach: 'machine',
  wayOut: 'a name or an id by which the other side finds it',
  encodeFunction: (_, value) =>
    Symbol.for('palitra.handle') in value
      ? 'a handle, whose object stays on its loop thread'
      : `a function${value.name === '' ? '' : ` (${value.name})`}`,
  encodeHandle: () => 'the result of handle(), which has to stay where it is',
  encodeSignal: () => 'an AbortSignal',
};

const incoming: DecoderBridge = {
  decodeFunction: refuse,
  decodeHandle: refuse,
  decodeSignal: refuse,
};

function refuse(): never {
  throw new Error('palitra: a message from another machine holds a function, a handle or a signal');
}

/**
 * Writes a message as bytes that stand for themselves: with the same encoding as between threads, and
 * nothing that needs shared memory, a port or what was sent before.
 *
 * @throws {UncloneableError} with the path, for what bytes cannot carry.
 */
export function encodePortable(write: (encoder: Encoder) => void): Buffer {
  const encoder = new Encoder(outgoing, false);
  // A getter may encode a message of its own meanwhile: it gets memory of its own.
  const bytes = scratch ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  scratch = undefined;
  try {
    encoder.startInRing(bytes, 0, bytes.byteLength);
    encoder.u8(PORTABLE_VERSION);
    write(encoder);
    return Buffer.from(encoder.copyBytes().buffer);
  } finally {
    scratch = bytes;
  }
}

/**
 * Reads what {@link encodePortable} wrote, whoever sent it.
 *
 * @throws {Error} for another version, and for bytes that are no such message.
 */
export function decodePortable<T>(bytes: Buffer, read: (decoder: Decoder) => T): T {
  const decoder = new Decoder(incoming);
  decoder.start(bytes, 0, [], true);
  const version = decoder.u8();
  if (version !== PORTABLE_VERSION) {
    throw new Error(
      `palitra: a message of version ${version} has come, and this side reads version ${PORTABLE_VERSION}: use the same version of palitra on both sides.`,
    );
  }
  const value = read(decoder);
  // What is cut off or added shows at the end: strings and numbers are not measured while they are read.
  if (decoder.remaining !== 0) {
    throw new Error(
      `palitra: a message from another machine is ${decoder.remaining < 0 ? 'cut off' : 'longer than what is in it'}`,
    );
  }
  return value;
}
