import type { Encoder } from './encode.ts';

/** What a side of the channel adds to the values that both know how to carry. */
export interface EncoderBridge {
  /** Writes a function (a callback, a handle) and returns true, or says why it cannot cross. */
  encodeFunction(encoder: Encoder, value: (...args: never[]) => unknown): true | string;
  /** Writes the target of a handle marker and returns true, or says why it cannot cross. */
  encodeHandle(encoder: Encoder, target: object): true | string;
  /** Writes an AbortSignal and returns true, or says why it cannot cross. */
  encodeSignal(encoder: Encoder, signal: AbortSignal): true | string;
  /** What else than the data this side can give to the other. */
  readonly wayOut: string;
  /**
   * Where the bytes go. To another machine goes nothing but bytes: no attachment, no transfer, nothing shared.
   */
  readonly reach: 'thread' | 'machine';
}
