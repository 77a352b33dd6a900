import { types } from 'node:util';
import { Attachments } from './attachments.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  builtInClass,
  classifyByPrototype,
  tryClone,
  type BuiltInClass,
  type Refusal,
  type WebClass,
} from './classify.ts';
import { encodeSparseArray, isDense } from './encode-arrays.ts';
import { encodeBuiltIn } from './encode-builtins.ts';
import { asMarker, type Marker } from './markers.ts';
import type { EncoderBridge } from './encoder-bridge.ts';
import { copyRefused } from './refusal.ts';
import { SeenObjects } from './seen-objects.ts';
import { NEW_SHAPE, ShapeWriter, traitsOf } from './shapes.ts';
import * as tag from './tags.ts';
import { ValuePath, type Stretch } from './value-path.ts';

type Plain = Readonly<Record<string, unknown>>;

const { hasOwnProperty } = Object.prototype;

/** How the properties of an object are read. */
const QUICKLY = 0;
/** Each is made sure to be the object's own: it may inherit one of the same name. */
const CAREFULLY = 1;
/** Nothing is looked up but what is its own: there is a Proxy among its prototypes. */
const GUARDED = 2;
type Care = typeof QUICKLY | typeof CAREFULLY | typeof GUARDED;

/** Writes values so that a {@link Decoder} on the other side makes the same ones again. */
export class Encoder extends ByteWriter {
  /** Of the message that is being written. */
  attachments: Attachments;
  /** Numbers that the bridge gave to functions or handles: in vain, if the message does not go out. */
  lent: number[] = [];
  /** Can it hold functions that are not kept? Those live as long as the call they are arguments of. */
  takesCallbacks = false;
  /** Are numbers for shapes remembered from message to message? */
  readonly isPersistent: boolean;
  readonly #bridge: EncoderBridge;
  readonly #shapes = new ShapeWriter();
  readonly #seen = new SeenObjects();
  readonly #path = new ValuePath();
  #nesting = 0;
  readonly #postponed: { readonly place: Stretch; readonly write: () => void }[] = [];

  constructor(bridge: EncoderBridge, isPersistent: boolean) {
    super();
    this.#bridge = bridge;
    this.attachments = new Attachments(bridge.wayOut);
    this.isPersistent = isPersistent;
  }

  /**
   * Writes a value; `root`, or `root[index]`, names it in the path of an error.
   *
   * @throws {UncloneableError} The message that is being written must then be rolled back.
   */
  root(value: unknown, root: string, index = -1): void {
    this.#path.start(root, index);
    this.#nesting = 0;
    this.value(value);
    if (this.#postponed.length === 0) return;
    // It grows while it is worked through.
    for (const { place, write } of this.#postponed) {
      this.#path.resume(place);
      this.#nesting = 0;
      write();
    }
    this.#postponed.length = 0;
  }

  /** They go out with the message; the next one has its own. */
  takeAttachments(): Attachments {
    const { attachments } = this;
    this.attachments = new Attachments(this.#bridge.wayOut);
    return attachments;
  }

  /** The message is complete. */
  finish(): void {
    if (!this.attachments.isEmpty) this.takeAttachments();
    if (this.lent.length > 0) this.lent = [];
    this.takesCallbacks = false;
    this.#seen.clear();
    if (!this.isInRing) this.startOnHeap();
  }

  /** The messages that are complete have gone out. */
  commit(): void {
    this.#shapes.commit();
  }

  /** Neither the message that is being written nor any that was not committed goes out. */
  abandon(): void {
    this.#shapes.rollback();
    this.#postponed.length = 0;
    this.finish();
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.string(value);
        return;
      case 'number':
        this.number(value);
        return;
      case 'object':
        if (value === null) this.u8(tag.NULL);
        else this.#object(value);
        return;
      case 'undefined':
        this.u8(tag.UNDEFINED);
        return;
      case 'boolean':
        this.u8(value ? tag.TRUE : tag.FALSE);
        return;
      case 'bigint':
        this.u8(tag.BIGINT);
        this.string(value.toString(16));
        return;
      case 'function':
        this.#function(value as () => unknown);
        return;
      case 'symbol':
        this.refuse('a symbol');
    }
  }

  /** Writes a value that stands under a key, so that an error can say so. */
  property(key: string | number, value: unknown): void {
    const path = this.#path;
    path.keys[path.depth++] = key;
    this.value(value);
    path.depth -= 1;
  }

  /** Writes what an object holds, by {@link tag.MAX_NESTING} now or after everything else. */
  contents(write: () => void): void {
    if (this.#nesting === tag.MAX_NESTING) {
      this.#postponed.push({ place: this.#path.mark(), write });
      return;
    }
    this.#nesting += 1;
    write();
    this.#nesting -= 1;
  }

  /** Leaves the value to structured clone. */
  attach(value: object): void {
    if (!this.isLocal) {
      this.#inPlaceOfAttachment(value);
      return;
    }
    this.u8(tag.ATTACHMENT);
    this.varint(this.attachments.add(value, this.path()));
  }

  /** Does the other side share this process's memory? */
  get isLocal(): boolean {
    return this.#bridge.reach === 'thread';
  }

  /** The message is complete but for this: is what it moves in it, and in none of the `others`? */
  checkMoves(others: readonly Attachments[]): void {
    if (this.attachments.requests.length > 0) this.attachments.checkMoves(this.#seen, others);
  }

  /** Where the value that is being written stands. */
  path(): string {
    return String(this.#path);
  }

  refuse(what: string): never {
    throw copyRefused(this.path(), this.#path.root, what, this.#bridge);
  }

  #function(value: () => unknown): void {
    if (this.#refersBack(value)) return;
    const outcome = this.#bridge.encodeFunction(this, value);
    if (outcome !== true) this.refuse(outcome);
  }

  #object(value: object): void {
    if (this.#refersBack(value)) return;
    if (types.isProxy(value)) this.refuse('a Proxy');
    if (Array.isArray(value)) {
      this.#array(value);
      return;
    }
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype) this.#plain(value as Plain, QUICKLY);
    else this.#unusual(value, prototype);
  }

  /** Writes a reference to what came before in this message; otherwise gives it a number, and returns false. */
  #refersBack(value: object): boolean {
    const seen = this.#seen.add(value);
    if (seen < 0) return false;
    this.u8(tag.REFERENCE);
    this.varint(seen);
    return true;
  }

  #plain(value: Plain, care: Care): void {
    const known = care === GUARDED ? undefined : this.#shapes.recall(value);
    const keys = known?.keys ?? Object.keys(value);
    const { isSuspect, isInherited } = known ?? traitsOf(keys);
    if (isSuspect && this.#isBuiltIn(value, care)) return;
    const shape = known?.shape ?? this.#shapes.find(keys);
    if (shape >= 0) {
      this.u8(tag.OBJECT);
      this.varint(shape);
    } else {
      this.u8(shape === NEW_SHAPE ? tag.OBJECT_NEW_SHAPE : tag.OBJECT_ODD_SHAPE);
      this.varint(keys.length);
      for (const key of keys) this.string(key);
    }
    const allCare = care === QUICKLY && isInherited ? CAREFULLY : care;
    if (this.#nesting === tag.MAX_NESTING) this.contents(() => this.#values(value, keys, allCare));
    else this.#values(value, keys, allCare);
  }

  #values(value: Plain, keys: readonly string[], care: Care): void {
    const path = this.#path;
    const depth = path.depth++;
    this.#nesting += 1;
    let index = 0;
    if (care !== GUARDED) {
      // In a `for` … `in` an engine reads what is under the keys without looking for it.
      for (const key in value) {
        // Inherited, or a getter that ran before has deleted one or added one.
        if (key !== keys[index]) break;
        path.keys[depth] = key;
        if (care === QUICKLY) this.#likelyOwn(value[key], value, key);
        else this.#own(value, key);
        index += 1;
      }
    }
    for (; index < keys.length; index++) {
      const key = keys[index]!;
      path.keys[depth] = key;
      this.#own(value, key);
    }
    this.#nesting -= 1;
    path.depth = depth;
  }

  /** A getter that ran before may have deleted it; structured clone leaves it out as well. */
  #own(holder: Plain, key: string): void {
    if (hasOwnProperty.call(holder, key)) this.value(holder[key]);
    else this.u8(tag.ABSENT);
  }

  /** The same for what has been read, where nothing is inherited under that key. */
  #likelyOwn(property: unknown, holder: Plain, key: string): void {
    if (property === undefined && !hasOwnProperty.call(holder, key)) this.u8(tag.ABSENT);
    else this.value(property);
  }

  /** Writes what only looks like an ordinary object, and says whether it does. */
  #isBuiltIn(value: object, care: Care): boolean {
    const objectClass = builtInClass(value, care === GUARDED);
    if (objectClass === undefined) return false;
    this.#builtIn(objectClass, value);
    return true;
  }

  #array(value: readonly unknown[]): void {
    const { length } = value;
    if (isDense(value)) {
      this.u8(tag.ARRAY);
      this.varint(length);
      if (this.#nesting === tag.MAX_NESTING) this.contents(() => this.#elements(value, length));
      else this.#elements(value, length);
    } else {
      encodeSparseArray(this, value);
    }
  }

  #elements(value: readonly unknown[], length: number): void {
    const path = this.#path;
    const depth = path.depth++;
    this.#nesting += 1;
    for (let index = 0; index < length; index++) {
      path.keys[depth] = index;
      const element = value[index];
      if (element === undefined && !Object.hasOwn(value, index)) this.u8(tag.ABSENT);
      else this.value(element);
    }
    this.#nesting -= 1;
    path.depth = depth;
  }

  #unusual(value: object, prototype: object | null): void {
    const objectClass = classifyByPrototype(value, prototype);
    if (objectClass === 'guarded') {
      this.#plain(value as Plain, GUARDED);
      return;
    }
    const marker = asMarker(value);
    if (marker !== undefined) this.#marker(marker);
    else if (objectClass === 'plain') this.#plain(value as Plain, CAREFULLY);
    else if (objectClass === 'platform' || this.attachments.isMoved(value)) this.attach(value);
    else if (objectClass === 'signal') {
      const outcome = this.#bridge.encodeSignal(this, value as AbortSignal);
      if (outcome !== true) this.refuse(outcome);
    } else this.#builtIn(objectClass, value);
  }

  #builtIn(objectClass: BuiltInClass | Exclude<WebClass, 'signal'> | Refusal, value: object): void {
    if (typeof objectClass === 'object') this.refuse(objectClass.refusal);
    encodeBuiltIn(this, objectClass, value);
  }

  /** For another machine: what structured clone would make a plain object of goes as one. */
  #inPlaceOfAttachment(value: object): void {
    const copy = tryClone(value);
    if (copy === undefined || Object.getPrototypeOf(copy) !== Object.prototype) {
      this.refuse(`of class ${value.constructor?.name ?? 'null'}`);
    }
    this.#plain(copy as Plain, QUICKLY);
  }

  #marker(marker: Marker): void {
    if (marker.kind === 'handle') {
      const outcome = this.#bridge.encodeHandle(this, marker.target);
      if (outcome !== true) this.refuse(outcome);
      return;
    }
    if (!this.isLocal) this.refuse('the result of transfer()');
    // It stands for another value, and has no number of its own.
    this.#seen.forgetLast();
    this.attachments.move(marker.list, this.path());
    this.value(marker.value);
  }
}
