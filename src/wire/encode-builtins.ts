import { webReaders, type BuiltInClass, type WebClass } from './classify.ts';
import type { Encoder } from './encode.ts';
import { encodeError } from './error-codec.ts';
import * as tag from './tags.ts';

/** A buffer up to this size is written with the message; a larger one is copied once and moved. */
const SMALL_BUFFER = 4096;
const MAX_VARINT = 0xffff_ffff;

/** Writes an object of a built-in class. Its number in the message has been given already. */
export function encodeBuiltIn(
  encoder: Encoder,
  objectClass: BuiltInClass | Exclude<WebClass, 'signal'>,
  value: object,
): void {
  switch (objectClass) {
    case 'map':
      encodeMap(encoder, value as Map<unknown, unknown>);
      return;
    case 'set':
      encodeSet(encoder, value as Set<unknown>);
      return;
    case 'date':
      encoder.u8(tag.DATE);
      encoder.f64(Date.prototype.getTime.call(value));
      return;
    case 'regexp':
      encoder.u8(tag.REGEXP);
      encodeRegExp(encoder, value as RegExp);
      return;
    case 'boxed':
      encoder.u8(tag.BOXED);
      encoder.value(unbox(value));
      return;
    case 'buffer':
      encodeBuffer(encoder, value as ArrayBuffer);
      return;
    case 'view':
      encodeView(encoder, value as ArrayBufferView<ArrayBuffer>);
      return;
    case 'sharedBuffer':
      encoder.attach(value);
      return;
    case 'error':
      encoder.u8(tag.ERROR);
      encodeError(encoder, value);
      return;
    case 'url':
    case 'searchParams':
      encoder.u8(objectClass === 'url' ? tag.URL : tag.SEARCH_PARAMS);
      encoder.string(webReaders[objectClass](value));
      return;
    case 'headers':
      encodeHeaders(encoder, webReaders.headers(value));
  }
}

// The intrinsic iterators, so that a subclass that iterates differently is still copied whole.
const mapEntries = Map.prototype.entries;
const setValues = Set.prototype.values;

function encodeMap(encoder: Encoder, map: Map<unknown, unknown>): void {
  // A snapshot: a getter among the values may change the map while it is being written.
  const entries = [...mapEntries.call(map)];
  encoder.u8(tag.MAP);
  encoder.varint(entries.length);
  encoder.contents(() => {
    for (const [index, [key, value]] of entries.entries()) {
      encoder.property(index, key);
      encoder.property(typeof key === 'string' ? key : index, value);
    }
  });
}

function encodeSet(encoder: Encoder, set: Set<unknown>): void {
  const values = [...setValues.call(set)];
  encoder.u8(tag.SET);
  encoder.varint(values.length);
  encoder.contents(() => {
    for (const [index, value] of values.entries()) encoder.property(index, value);
  });
}

function encodeHeaders(encoder: Encoder, entries: readonly (readonly string[])[]): void {
  encoder.u8(tag.HEADERS);
  encoder.varint(entries.length);
  for (const text of entries.flat()) encoder.string(text);
}

function unbox(value: object): unknown {
  for (const { prototype } of [Number, String, Boolean, BigInt]) {
    try {
      return (prototype.valueOf as () => unknown).call(value);
    } catch {
      // Not of this class.
    }
  }
  return undefined;
}

/** By a copy, which has the original's internal slots and none of its properties. */
function encodeRegExp(encoder: Encoder, pattern: RegExp): void {
  const { source, flags } = new RegExp(pattern);
  encoder.string(source);
  encoder.string(flags);
}

function encodeBuffer(encoder: Encoder, buffer: ArrayBuffer): void {
  const bytes = bytesOf(buffer);
  if (bytes === undefined) encoder.refuse('a detached ArrayBuffer');
  if (isFlexible(buffer)) {
    encoder.attach(buffer);
    return;
  }
  if (bytes.length <= SMALL_BUFFER || !encoder.isLocal) {
    encoder.u8(tag.ARRAY_BUFFER);
    encoder.varint(bytes.length);
    encoder.raw(bytes);
    return;
  }
  const { buffer: copy } = new Uint8Array(bytes);
  encoder.attach(copy);
  encoder.attachments.moveCopy(copy);
}

/** Undefined when the buffer is detached: `buffer.detached` is new in Node 22. */
function bytesOf(buffer: ArrayBufferLike): Uint8Array | undefined {
  try {
    return new Uint8Array(buffer);
  } catch {
    return undefined;
  }
}

/** Of one that is shared, and too long for a view of all of it (Node 20), a part can be seen. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer, 0, 0).length > 0;
  } catch {
    return true;
  }
}

/** Resizable, or shared and growable. Only the platform can tell which of its views follow it. */
function isFlexible(buffer: ArrayBufferLike): boolean {
  const { resizable, growable } = buffer as { resizable?: boolean; growable?: boolean };
  return resizable === true || growable === true;
}

function encodeView(encoder: Encoder, view: ArrayBufferView): void {
  if (!encoder.isLocal && Buffer.isBuffer(view)) {
    encodePart(encoder, view);
    return;
  }
  const name = typedArray.name(view) as string | undefined;
  const read = name === undefined ? dataView : typedArray;
  const buffer = read.buffer(view) as ArrayBufferLike;
  const kind = tag.VIEW_NAMES.indexOf((name ?? 'DataView') as never);
  if (kind === -1 || isFlexible(buffer)) {
    encoder.attach(view);
    return;
  }
  // Asked for its offset, a DataView of a detached buffer would throw.
  if (isDetached(buffer)) encoder.refuse('a view of a detached ArrayBuffer');
  const byteOffset = read.byteOffset(view) as number;
  const length = read.length(view) as number;
  encoder.u8(tag.VIEW);
  if (byteOffset > MAX_VARINT || length > MAX_VARINT) {
    // From 4 GiB on. (Structured clone would cut the offset off.)
    encoder.u8(kind | tag.WIDE_VIEW);
    encoder.f64(byteOffset);
    encoder.f64(length);
  } else {
    encoder.u8(kind);
    encoder.varint(byteOffset);
    encoder.varint(length);
  }
  encoder.value(buffer);
}

/**
 * Node's small Buffers share one pool, which holds what else the program works with: of that, nothing but
 * the Buffer's own bytes may leave the process.
 */
function encodePart(encoder: Encoder, part: Buffer): void {
  encoder.u8(tag.VIEW);
  encoder.u8(tag.VIEW_NAMES.indexOf('Uint8Array'));
  encoder.varint(0);
  encoder.varint(part.length);
  encoder.value(new Uint8Array(part).buffer);
}

/** What is in the internal slots of a view, whatever its own properties say. */
const typedArray = {
  ...slotReaders(Object.getPrototypeOf(Uint8Array.prototype) as object, 'length'),
  /** A Node `Buffer` is the Uint8Array it is, as in structured clone. A DataView has no name here. */
  name: getter(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag),
};
const dataView = slotReaders(DataView.prototype, 'byteLength');

interface SlotReaders {
  buffer(view: ArrayBufferView): unknown;
  byteOffset(view: ArrayBufferView): unknown;
  length(view: ArrayBufferView): unknown;
}

function slotReaders(prototype: object, length: string): SlotReaders {
  return {
    buffer: getter(prototype, 'buffer'),
    byteOffset: getter(prototype, 'byteOffset'),
    length: getter(prototype, length),
  };
}

function getter(prototype: object, key: PropertyKey): (view: ArrayBufferView) => unknown {
  const { get } = Object.getOwnPropertyDescriptor(prototype, key)!;
  return (view) => get!.call(view) as unknown;
}
