import { casesOf } from './cases.ts';

/** The longest message that goes through the ring, and the ring itself (bytes). */
const LONGEST_INLINE = 1 << 15;
const RING = 1 << 17;

const digits = '1234567890'.repeat(40);

export const primitives = casesOf({
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  '0': () => 0,
  '-0': () => -0,
  '1': () => 1,
  '-1': () => -1,
  '127, the largest small integer': () => 127,
  '128, the first that is not': () => 128,
  '2 ** 31 - 1': () => 2 ** 31 - 1,
  '2 ** 31': () => 2 ** 31,
  '-(2 ** 31)': () => -(2 ** 31),
  '-(2 ** 31) - 1': () => -(2 ** 31) - 1,
  '2 ** 53': () => 2 ** 53,
  '0.1': () => 0.1,
  '-1.5': () => -1.5,
  'the smallest number': () => Number.MIN_VALUE,
  'the largest number': () => Number.MAX_VALUE,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  '0n': () => 0n,
  '-1n': () => -1n,
  '2n ** 64n': () => 2n ** 64n,
  'a bigint of 400 digits': () => BigInt(digits),
  'a negative bigint of 400 digits': () => -BigInt(digits),
  'a bigint of 100,000 bits': () => (1n << 100_000n) - 1n,
  'the empty string': () => '',
  'a short string': () => 'text',
  'a string with a NUL': () => 'a\0b',
  'Latin-1': () => 'naïve café ÿ',
  'the last character of Latin-1, and the next': () => 'ÿĀ',
  Chinese: () => '你好，世界',
  emoji: () => '👩‍👩‍👧‍👦 and 🏳️‍🌈',
  'a lone high surrogate': () => 'a\ud83dz',
  'a lone low surrogate': () => '\ude00',
  'surrogates in the wrong order': () => '\ude00\ud83d',
  'lone surrogates in a long string': () => '\ud83d'.repeat(1000),
  'a byte order mark': () => '\ufefftext',
  'twelve and thirteen characters': () => ['x'.repeat(12), 'x'.repeat(13), 'é'.repeat(13)],
  'twenty-four and twenty-five characters': () => ['x'.repeat(24), 'x'.repeat(25), 'é'.repeat(25)],
  'strings of 127 and 128 characters': () => ['é'.repeat(127), 'é'.repeat(128), '語'.repeat(128)],
  'one-byte strings around the longest inline message': () =>
    around(LONGEST_INLINE).map((length) => 'é'.repeat(length)),
  'a two-byte string around the longest inline message': () => '語'.repeat(LONGEST_INLINE / 2 + 1),
  'a one-byte string that outgrows the ring': () => 'é'.repeat(RING + 1),
  'a two-byte string that outgrows the ring': () => '語'.repeat(RING),
  'a string of 8 MiB': () => 'x'.repeat(1 << 23),
  'a string joined from parts': () =>
    ['a', 'b', 'ÿ', '語'].map((part) => part.repeat(100)).join('-'),
});

/** Lengths whose messages end a few bytes before and behind a boundary, at every distance. */
export function around(boundary: number): number[] {
  return Array.from({ length: 33 }, (_, index) => boundary - 32 + index);
}
