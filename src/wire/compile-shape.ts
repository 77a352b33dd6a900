import { NativeFunction } from './natives.ts';

/** Reads the values of an object one after the other. */
interface ValueSource {
  remember<T extends object>(object: T): T;
  value(): unknown;
}

/** Makes an object of a shape: numbers it before its values are read, because it may hold itself. */
export type ObjectMaker = (source: ValueSource) => Record<string, unknown>;

/**
 * A function that makes objects with these keys: an engine stores under names that stand in the code
 * five times faster than under keys out of an array. The keys must be none that objects inherit
 * (`__proto__`). Undefined where code must not be made from text (`--disallow-code-generation-from-strings`).
 */
export function compileShape(keys: readonly string[]): ObjectMaker | undefined {
  const names = keys.map((key) => JSON.stringify(key));
  const empty = names.map((name) => `${name}: undefined`).join(', ');
  const stores = names.map((name) => `object[${name}] = source.value();`).join('\n');
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- the keys are quoted
    return new NativeFunction(
      'source',
      `'use strict';\nconst object = source.remember({ ${empty} });\n${stores}\nreturn object;`,
    ) as ObjectMaker;
  } catch {
    return undefined;
  }
}
