import type { Encoder } from './encode.ts';
import * as tag from './tags.ts';

/** Is it a list and nothing more: no holes, no named properties? */
export function isDense(value: readonly unknown[]): boolean {
  const keys = Object.keys(value);
  return (
    keys.length === value.length && (keys.length === 0 || keys.at(-1) === String(keys.length - 1))
  );
}

/** Holes stay holes, and named properties (`match.index`) come along. */
export function encodeSparseArray(encoder: Encoder, value: readonly unknown[]): void {
  encoder.u8(tag.SPARSE_ARRAY);
  encoder.varint(value.length);
  encoder.contents(() => {
    const keys = Object.keys(value);
    encoder.varint(keys.length);
    for (const key of keys) {
      encoder.string(key);
      // A getter that ran before may have deleted it, and one of the same name may be inherited.
      if (!Object.hasOwn(value, key)) encoder.u8(tag.ABSENT);
      else encoder.property(key, (value as unknown as Readonly<Record<string, unknown>>)[key]);
    }
  });
}
