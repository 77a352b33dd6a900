import { types } from 'node:util';
import { ByteReader } from './byte-reader.ts';
import type { ObjectMaker } from './compile-shape.ts';
import { decodeError } from './error-codec.ts';
import { NativeURL, NativeURLSearchParams } from './natives.ts';
import { readShape, type Shape } from './shapes.ts';
import * as tag from './tags.ts';

/** What a side of the channel makes of the values that only it knows. */
export interface DecoderBridge {
  /** Reads what `EncoderBridge.encodeFunction` wrote after the tag. */
  decodeFunction(decoder: Decoder): object;
  /** Reads what the other side wrote for a handle; undefined when its object is gone. */
  decodeHandle(decoder: Decoder): object | undefined;
  /** Reads what `EncoderBridge.encodeSignal` wrote after the tag. */
  decodeSignal(decoder: Decoder): object;
}

export const NO_ATTACHMENTS: readonly unknown[] = [];

const absent: unique symbol = Symbol('absent') as never;
const viewClasses = tag.VIEW_NAMES.map(
  (name) => (globalThis as unknown as Record<string, ViewClass | undefined>)[name],
);

type ViewClass = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => object;

/** Makes the values that an {@link Encoder} wrote. No code of the user's runs while it does. */
export class Decoder extends ByteReader {
  readonly #bridge: DecoderBridge;
  #shapes: Shape[] = [];
  readonly #lastingShapes = this.#shapes;
  #lastingCount = 0;
  #attachments: readonly unknown[] = NO_ATTACHMENTS;
  #objects: unknown[] = [];
  #nesting = 0;
  /** How often something was absent, ever. */
  #absences = 0;
  readonly #postponed: (() => void)[] = [];

  constructor(bridge: DecoderBridge) {
    super();
    this.#bridge = bridge;
  }

  /** Begins a message. One from a nested encoding counts its shapes by itself. */
  start(bytes: Buffer, pos: number, attachments: readonly unknown[], isNested: boolean): void {
    this.startAt(bytes, pos);
    this.#attachments = attachments;
    if (this.#objects.length > 0) this.#objects = [];
    this.#shapes = isNested ? [] : this.#lastingShapes;
    // What is left of a message that could not be read to its end, and begins again.
    if (this.#lastingShapes.length !== this.#lastingCount) {
      this.#lastingShapes.length = this.#lastingCount;
    }
    if (this.#postponed.length > 0) this.#postponed.length = 0;
  }

  /**
   * The message has been read: its shapes are known from now on, and its values are held by whoever took
   * them. There may never be another message to displace them.
   */
  finish(): void {
    this.#lastingCount = this.#lastingShapes.length;
    if (this.#objects.length > 0) this.#objects = [];
  }

  override letGo(): void {
    super.letGo();
    this.#attachments = NO_ATTACHMENTS;
  }

  /** Gives an object the next number, before what it holds is read: it may hold itself. */
  remember<T extends object | undefined>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  /** Reads what {@link Encoder.root} wrote. */
  root(): unknown {
    this.#nesting = 0;
    const value = this.present();
    if (this.#postponed.length > 0) {
      // It grows while it is worked through.
      for (const read of this.#postponed) {
        this.#nesting = 0;
        read();
      }
      this.#postponed.length = 0;
    }
    return value;
  }

  /** Reads what an object holds, by {@link tag.MAX_NESTING} now or after everything else. */
  contents(read: () => void): void {
    if (this.#nesting === tag.MAX_NESTING) {
      this.#postponed.push(read);
      return;
    }
    this.#nesting += 1;
    read();
    this.#nesting -= 1;
  }

  /** A value where one cannot be absent. */
  present(): unknown {
    const value = this.value();
    if (value === absent) throw new Error('palitra: a value is missing in a message');
    return value;
  }

  value(): unknown {
    const kind = this.u8();
    if (kind >= tag.SMALL_INT) return kind - tag.SMALL_INT;
    switch (kind) {
      case tag.LATIN1:
        return this.latin1();
      case tag.OBJECT:
        return this.#plain(this.#shapes[this.varint()]!);
      case tag.INT:
        return this.i32();
      case tag.FLOAT:
        return this.f64();
      case tag.UNDEFINED:
        return undefined;
      case tag.NULL:
        return null;
      case tag.TRUE:
        return true;
      case tag.FALSE:
        return false;
      case tag.ARRAY:
        return this.#array();
      case tag.UTF16:
        return this.utf16();
      case tag.REFERENCE:
        return this.#reference();
      case tag.OBJECT_NEW_SHAPE: {
        const shape = readShape(this);
        this.#shapes.push(shape);
        return this.#plain(shape);
      }
      case tag.OBJECT_ODD_SHAPE:
        return this.#plain(readShape(this));
      case tag.ABSENT:
        this.#absences += 1;
        return absent;
      case tag.BIGINT:
        return toBigInt(this.string());
      case tag.FUNCTION:
        return this.remember(this.#bridge.decodeFunction(this));
      case tag.HANDLE:
        return this.remember(this.#bridge.decodeHandle(this));
      default:
        return this.#builtIn(kind);
    }
  }

  #builtIn(kind: number): unknown {
    switch (kind) {
      case tag.SPARSE_ARRAY: {
        const array = this.remember<unknown[]>([]);
        array.length = this.varint();
        this.contents(() => this.#properties(array));
        return array;
      }
      case tag.MAP: {
        const map = this.remember(new Map<unknown, unknown>());
        const count = this.varint();
        this.contents(() => {
          for (let rest = count; rest > 0; rest--) {
            const key = this.present();
            map.set(key, this.present());
          }
        });
        return map;
      }
      case tag.SET: {
        const set = this.remember(new Set());
        const count = this.varint();
        this.contents(() => {
          for (let rest = count; rest > 0; rest--) set.add(this.present());
        });
        return set;
      }
      case tag.DATE:
        return this.remember(new Date(this.f64()));
      case tag.REGEXP: {
        const source = this.string();
        return this.remember(new RegExp(source, this.string()));
      }
      case tag.BOXED:
        return this.remember(Object(this.present()) as object);
      case tag.ARRAY_BUFFER:
        return this.remember(this.raw(this.varint()).buffer);
      case tag.VIEW:
        return this.#view();
      case tag.URL:
        return this.remember(new NativeURL(this.string()));
      case tag.SEARCH_PARAMS:
        return this.remember(new NativeURLSearchParams(this.string()));
      case tag.HEADERS:
        return this.#headers();
      case tag.SIGNAL:
        return this.#bridge.decodeSignal(this);
      case tag.ERROR:
        return decodeError(this);
      case tag.ATTACHMENT:
        return this.#attachment();
      default:
        throw new Error(`palitra: unknown tag ${kind} in a message`);
    }
  }

  #reference(): unknown {
    const number = this.varint();
    if (number >= this.#objects.length) throw new Error('palitra: a reference to no object');
    return this.#objects[number];
  }

  #attachment(): unknown {
    const number = this.varint();
    if (number >= this.#attachments.length) throw new Error('palitra: an attachment is missing');
    return this.remember(this.#attachments[number] as object);
  }

  #plain(shape: Shape): object {
    // Not of shapes that came by themselves: those of a queue are whatever somebody has written there.
    const make = this.#shapes === this.#lastingShapes ? shape.maker : undefined;
    if (make !== undefined && this.#nesting < tag.MAX_NESTING) return this.#make(make, shape);
    const object: Record<string, unknown> = {};
    this.#objects.push(object);
    if (this.#nesting === tag.MAX_NESTING) this.contents(() => this.#fill(object, shape));
    else this.#fill(object, shape);
    return object;
  }

  #make(make: ObjectMaker, { keys }: Shape): object {
    const absences = this.#absences;
    this.#nesting += 1;
    const object = make(this);
    this.#nesting -= 1;
    if (this.#absences > absences) {
      for (const key of keys) if (object[key] === absent) delete object[key];
    }
    return object;
  }

  #fill(object: Record<string, unknown>, { keys, isInherited }: Shape): void {
    this.#nesting += 1;
    for (let index = 0; index < keys.length; index++) {
      const value = this.value();
      if (value === absent) continue;
      const key = keys[index]!;
      if (isInherited) defineOwn(object, key, value);
      else object[key] = value;
    }
    this.#nesting -= 1;
  }

  #array(): unknown[] {
    const length = this.varint();
    const array: unknown[] = [];
    this.#objects.push(array);
    if (this.#nesting === tag.MAX_NESTING) this.contents(() => this.#elements(array, length));
    else this.#elements(array, length);
    return array;
  }

  #elements(array: unknown[], length: number): void {
    this.#nesting += 1;
    for (let index = 0; index < length; index++) {
      const element = this.value();
      if (element === absent) array.length = index + 1;
      else array[index] = element;
    }
    this.#nesting -= 1;
  }

  #properties(target: object): void {
    for (let count = this.varint(); count > 0; count--) {
      const key = this.string();
      const value = this.value();
      if (value !== absent) defineOwn(target, key, value);
    }
  }

  #headers(): Headers {
    const headers = this.remember(new Headers());
    for (let count = this.varint(); count > 0; count--) {
      const name = this.string();
      headers.append(name, this.string());
    }
    return headers;
  }

  /** A view's number comes before its buffer's, so its place is kept while the buffer is read. */
  #view(): object {
    const kind = this.u8();
    const viewClass = viewClasses[kind & ~tag.WIDE_VIEW];
    if (viewClass === undefined) throw new TypeError('palitra: a view of a class that is not here');
    const isWide = (kind & tag.WIDE_VIEW) !== 0;
    const byteOffset = isWide ? this.f64() : this.varint();
    const length = isWide ? this.f64() : this.varint();
    const place = this.#objects.push(undefined) - 1;
    const buffer = this.value() as ArrayBuffer;
    // A number would be the length of a new one, of gigabytes perhaps.
    if (!types.isAnyArrayBuffer(buffer)) throw new TypeError('palitra: a view of no buffer');
    const view = new viewClass(buffer, byteOffset, length);
    this.#objects[place] = view;
    return view;
  }
}

function toBigInt(hex: string): bigint {
  return hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

function defineOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
