import { UncloneableError } from '../errors.ts';
import { encodePortable } from '../wire/portable.ts';

/** @throws {TypeError} for what is more than data. */
export function checkPlainData(value: unknown, name: string): void {
  try {
    encodePortable((encoder) => encoder.root(value, name));
  } catch (error) {
    if (!(error instanceof UncloneableError)) throw error;
    throw new TypeError(
      `${error.path} is more than data: the client of Redis is on a thread of its own, and what is in ${name} must be copied to it.`,
      { cause: error },
    );
  }
}
