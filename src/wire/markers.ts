/**
 * What users wrap around a value to say how it crosses. The wrappers are recognised by registered
 * symbols, so that those made by another copy of the package work too.
 */
import type { Transferable } from 'node:worker_threads';

const mark: unique symbol = Symbol.for('palitra.marker') as never;

/** Made by `transfer(value, list)`: move what is in the list instead of copying it. */
export class TransferMarker {
  readonly [mark] = true;
  readonly kind = 'transfer';
  readonly value: unknown;
  readonly list: readonly Transferable[];
  constructor(value: unknown, list: readonly Transferable[]) {
    if (!Array.isArray(list)) {
      throw new TypeError(
        'transfer() takes a value and a list of what to move: transfer(bytes, [bytes.buffer]).',
      );
    }
    this.value = value;
    this.list = list;
  }
}

/** Made by `handle(value)` on the loop thread: keep the object here, send a handle. */
export class HandleMarker {
  readonly [mark] = true;
  readonly kind = 'handle';
  readonly target: object;
  constructor(target: object) {
    this.target = target;
  }
}

export type Marker = TransferMarker | HandleMarker;

/** The marker that this value is, if it is one. */
export function asMarker(value: object): Marker | undefined {
  return mark in value ? (value as Marker) : undefined;
}
