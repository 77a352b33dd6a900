import { casesOf } from './cases.ts';

type Resizable = ArrayBuffer & { resize(length: number): void };
const ResizableBuffer = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => Resizable;
const GrowableBuffer = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => SharedArrayBuffer;
const Float16 = (globalThis as { Float16Array?: Float32ArrayConstructor }).Float16Array;

function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
}

function resizable(length: number, maxByteLength: number): Resizable {
  const buffer = new ResizableBuffer(length, { maxByteLength });
  new Uint8Array(buffer).set(bytes(length));
  return buffer;
}

/** A view that was inside its buffer before that shrank. */
function outOfBounds(): unknown {
  const buffer = resizable(16, 32);
  const view = new Uint8Array(buffer, 8, 4);
  buffer.resize(10);
  return { view, buffer };
}

export const buffers = casesOf({
  'an empty ArrayBuffer': () => new ArrayBuffer(0),
  'an ArrayBuffer': () => bytes(5).buffer,
  'ArrayBuffers around the size that travels apart': () =>
    [4095, 4096, 4097].map((length) => bytes(length).buffer),
  'ArrayBuffers around the longest inline message': () =>
    [(1 << 15) - 20, 1 << 15, (1 << 17) + 1].map((length) => bytes(length).buffer),
  'a buffer twice': () => {
    const { buffer } = bytes(9);
    return [buffer, { buffer }];
  },
  'a large buffer twice': () => {
    const { buffer } = bytes(9000);
    return [buffer, { buffer }];
  },
  '64 MiB': () => new Uint8Array(1 << 26).fill(7),
  Uint8Array: () => bytes(3),
  Int8Array: () => Int8Array.of(-128, 127),
  Uint8ClampedArray: () => Uint8ClampedArray.of(300, -1),
  Int16Array: () => Int16Array.of(-32768, 1),
  Uint16Array: () => Uint16Array.of(65535, 1),
  Int32Array: () => Int32Array.of(-(2 ** 31), 1),
  Uint32Array: () => Uint32Array.of(2 ** 32 - 1, 1),
  Float32Array: () => Float32Array.of(0.1, -0, NaN, Infinity),
  Float64Array: () => Float64Array.of(0.1, -0, NaN, -Infinity),
  BigInt64Array: () => BigInt64Array.of(-(2n ** 63n), 1n),
  BigUint64Array: () => BigUint64Array.of(2n ** 64n - 1n),
  ...(Float16 === undefined ? {} : { Float16Array: () => Float16.of(0.5, -0) }),
  DataView: () => new DataView(bytes(4).buffer),
  'a DataView with an offset': () => new DataView(bytes(12).buffer, 3, 5),
  'views of zero length': () => [
    new Uint8Array(0),
    new DataView(new ArrayBuffer(8), 8),
    new Float64Array(0),
  ],
  'views at the end of their buffer': () => new Uint8Array(bytes(8).buffer, 8),
  'views that share a buffer': () => {
    const { buffer } = bytes(64);
    return {
      whole: new Uint8Array(buffer),
      part: new Float64Array(buffer, 8, 2),
      buffer,
      view: new DataView(buffer, 1),
    };
  },
  'views that share a large buffer': () => {
    const { buffer } = bytes(1 << 16);
    return [new Uint8Array(buffer, 5, 5), new Uint32Array(buffer, 4), buffer];
  },
  'a view before its buffer': () => {
    const view = bytes(4);
    return [view, view.buffer, view];
  },
  'a Node Buffer of its own': () => Buffer.from(bytes(5).buffer, 1, 3),
  'a property of a view': () => Object.assign(bytes(3), { dropped: true }),
  'a subclass of Uint8Array': () => new (class extends Uint8Array {})(3),
  'a view whose prototype is null': () => Object.setPrototypeOf(bytes(3), null),
  'a resizable buffer': () => resizable(8, 64),
  'a resizable buffer at its limit': () => resizable(64, 64),
  'a large resizable buffer': () => resizable(9000, 10_000),
  'views of a resizable buffer': () => {
    const buffer = resizable(16, 32);
    return { fixed: new Uint8Array(buffer, 4, 4), tracking: new Uint16Array(buffer, 2), buffer };
  },
  'only a view of a resizable buffer': () => new Uint8Array(resizable(8, 16)),
  'a DataView of a resizable buffer, and the buffer': () => {
    const buffer = resizable(8, 16);
    return [new DataView(buffer, 2), buffer, new DataView(buffer, 2, 2)];
  },
});

export const outOfBoundsView = outOfBounds;

/** Lengths of views after their buffer has been resized show which of them follow it. */
export function growingViews(): { buffer: Resizable; tracking: Uint8Array; fixed: Uint8Array } {
  const buffer = resizable(8, 16);
  return { buffer, tracking: new Uint8Array(buffer, 4), fixed: new Uint8Array(buffer, 4, 4) };
}

export const sharedBuffers = casesOf({
  'an empty SharedArrayBuffer': () => new SharedArrayBuffer(0),
  'a SharedArrayBuffer': () => shared(12),
  'a view of a SharedArrayBuffer': () => new Int32Array(shared(12), 4, 1),
  'views that share a SharedArrayBuffer': () => {
    const memory = shared(16);
    return [new Int32Array(memory), new Uint8Array(memory, 3), memory, new DataView(memory, 1, 4)];
  },
  'a growable SharedArrayBuffer': () => new GrowableBuffer(8, { maxByteLength: 16 }),
  'views of a growable SharedArrayBuffer': () => {
    const memory = new GrowableBuffer(8, { maxByteLength: 16 });
    return [new Uint8Array(memory), new Uint8Array(memory, 0, 8), memory];
  },
});

function shared(length: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(length);
  new Uint8Array(memory).set(bytes(length));
  return memory;
}
