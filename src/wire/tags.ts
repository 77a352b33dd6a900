/** The first byte of an encoded value. From {@link SMALL_INT} on, the byte is the number itself. */
export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const INT = 4;
export const FLOAT = 5;
export const BIGINT = 6;
export const LATIN1 = 7;
export const UTF16 = 8;
/** An object that came before in the same message, by its number. */
export const REFERENCE = 9;
/** An object whose keys the reader knows by number. */
export const OBJECT = 10;
/** An object whose keys follow, and get the next number. */
export const OBJECT_NEW_SHAPE = 11;
/** An object whose keys follow, and are used this once. */
export const OBJECT_ODD_SHAPE = 12;
/** A property that vanished while its object was being written. */
export const ABSENT = 13;
export const ARRAY = 14;
/** An array with holes or named properties: its length, then keys and values. */
export const SPARSE_ARRAY = 15;
export const MAP = 16;
export const SET = 17;
export const DATE = 18;
export const REGEXP = 19;
/** `Object(1)`, `Object('a')`, `Object(true)`, `Object(1n)`. */
export const BOXED = 20;
export const ARRAY_BUFFER = 21;
export const VIEW = 22;
export const ERROR = 23;
/** What only structured clone can carry, by its place among the attachments. */
export const ATTACHMENT = 24;
export const FUNCTION = 25;
export const HANDLE = 26;
export const URL = 27;
export const SEARCH_PARAMS = 28;
/** Names and values by turns. */
export const HEADERS = 29;
/** An AbortSignal of the caller's: its number, and whether it has been aborted, with which reason. */
export const SIGNAL = 30;
export const SMALL_INT = 128;

/**
 * What stands deeper than this is written, and read, after everything else of its root: both threads count
 * alike. So depth costs no stack, and a value that one thread could write never overflows the other's.
 */
export const MAX_NESTING = 100;

/** Added to the kind of a view whose offset or length takes more than 32 bits. */
export const WIDE_VIEW = 0x80;

/** The kinds of views, in the order of their numbers on the wire. */
export const VIEW_NAMES = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const;
