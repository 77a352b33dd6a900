import { transfer } from 'palitra/loop';

/** Moves the bytes back to the caller. */
export async function pass(bytes) {
  return transfer(bytes, [bytes.buffer]);
}
