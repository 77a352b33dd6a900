/**
 * Objects that are made by the same code have the same keys. The first time, the keys travel with the
 * object and get a number; from then on the number is enough. Both ends of a channel count alike.
 */
import type { ByteReader } from './byte-reader.ts';
import { compileShape, type ObjectMaker } from './compile-shape.ts';

/** More shapes than this are not worth remembering: the keys are data then (`{ [id]: … }`). */
const MAX_SHAPES = 2048;
const MAX_KEYS = 48;

/** What the keys of an object tell of it. */
interface Traits {
  /**
   * May they be all that shows of something that is no ordinary object? Of a Map with another prototype nothing
   * shows, of the arguments of a function `0`.
   */
  readonly isSuspect: boolean;
  /** Do all objects inherit something under one of them? */
  readonly isInherited: boolean;
}

export function traitsOf(keys: readonly string[]): Traits {
  return {
    isSuspect: keys.length === 0 || /^\d/.test(keys[0]!),
    isInherited: keys.some((key) => key in Object.prototype),
  };
}

/** The keys up to here lead to this node; `shape` is the number of an object that ends here, or -1. */
interface ShapeNode {
  shape: number;
  /** Those of the shape. */
  keys: readonly string[];
  isSuspect: boolean;
  isInherited: boolean;
  readonly next: Map<string, ShapeNode>;
}

/** What {@link ShapeWriter.find} says of keys that have just got a number, and of those that never get one. */
export const NEW_SHAPE = -1;
const ODD_SHAPE = -2;

/** A shape that the other side knows. */
interface KnownShape extends Traits {
  readonly shape: number;
  readonly keys: readonly string[];
}

const NO_KEYS: readonly string[] = [];
/** Stands for none: nothing has these keys. */
const NO_SHAPE = newNode([undefined as never]);

function newNode(keys: readonly string[]): ShapeNode {
  return { shape: -1, keys, isSuspect: false, isInherited: false, next: new Map() };
}

/** The writer's memory of shapes. */
export class ShapeWriter {
  readonly #root = newNode(NO_KEYS);
  readonly #nodes: ShapeNode[] = [];
  #committed = 0;
  /** The two that were found last: objects of two shapes often take turns, one inside the other. */
  #last = NO_SHAPE;
  #previous = NO_SHAPE;

  /** The shape of this object, if it is one of the two that were found last. */
  recall(value: object): KnownShape | undefined {
    if (hasKeys(value, this.#last.keys)) return this.#last;
    if (!hasKeys(value, this.#previous.keys)) return undefined;
    const found = this.#previous;
    this.#previous = this.#last;
    this.#last = found;
    return found;
  }

  /** The number of these keys; NEW_SHAPE when they have just got the next one; ODD_SHAPE for never. */
  find(keys: readonly string[]): number {
    if (keys.length > MAX_KEYS) return ODD_SHAPE;
    let node = this.#root;
    const isFull = this.#nodes.length >= MAX_SHAPES;
    for (const key of keys) {
      let next = node.next.get(key);
      if (next === undefined) {
        if (isFull) return ODD_SHAPE;
        next = newNode(NO_KEYS);
        node.next.set(key, next);
      }
      node = next;
    }
    const isNew = node.shape < 0;
    if (isNew) {
      if (isFull) return ODD_SHAPE;
      node.shape = this.#nodes.length;
      node.keys = keys;
      Object.assign(node, traitsOf(keys));
      this.#nodes.push(node);
    }
    this.#previous = this.#last;
    this.#last = node;
    return isNew ? NEW_SHAPE : node.shape;
  }

  /** The messages with all shapes so far have gone out. */
  commit(): void {
    this.#committed = this.#nodes.length;
  }

  /** The messages since the last {@link commit} are not going out: the reader never hears of their shapes. */
  rollback(): void {
    while (this.#nodes.length > this.#committed) this.#forget(this.#nodes.pop()!);
    this.#last = NO_SHAPE;
    this.#previous = NO_SHAPE;
  }

  /** With what leads to it and to nothing else: messages that are refused count for nothing, and may be many. */
  #forget(node: ShapeNode): void {
    const way = [this.#root];
    for (const key of node.keys) way.push(way.at(-1)!.next.get(key)!);
    node.shape = -1;
    for (let depth = way.length - 1; depth > 0; depth--) {
      const { shape, next } = way[depth]!;
      if (shape >= 0 || next.size > 0) return;
      way[depth - 1]!.next.delete(node.keys[depth - 1]!);
    }
  }
}

const { hasOwnProperty } = Object.prototype;

/**
 * Has the object these keys of its own in this order, and does it inherit none that can be enumerated? In a
 * `for` … `in`, an engine neither makes a list of the keys nor looks whose they are.
 */
function hasKeys(value: object, keys: readonly string[]): boolean {
  let index = 0;
  // oxlint-disable-next-line guard-for-in -- inherited keys are to be found
  for (const key in value) {
    if (key !== keys[index]) return false;
    index += 1;
  }
  if (index !== keys.length) return false;
  // An object's own keys come first: if the last one is its own, all are.
  return index === 0 || hasOwnProperty.call(value, keys[index - 1]!);
}

/** So many objects of a shape are filled key by key, before a function that makes them is worth its compilation. */
const COMPILE_AT = 64;

/** The keys of objects that were made by the same code, as the reader knows them. */
export class Shape {
  readonly keys: readonly string[];
  /** A plain assignment is not enough then. */
  readonly isInherited: boolean;
  #uses = 0;
  #maker: ObjectMaker | undefined;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.isInherited = traitsOf(keys).isInherited;
  }

  /** To be asked once for each object of the shape. */
  get maker(): ObjectMaker | undefined {
    if (this.#maker === undefined && !this.isInherited) {
      this.#uses += 1;
      if (this.#uses === COMPILE_AT) this.#maker = compileShape(this.keys);
    }
    return this.#maker;
  }
}

export function readShape(reader: ByteReader): Shape {
  const keys: string[] = [];
  let count = reader.varint();
  // From a queue anything may come: beyond the end there are empty keys without number.
  if (count > reader.remaining)
    throw new RangeError('palitra: a message ends in the middle of keys');
  for (; count > 0; count--) keys.push(reader.string());
  return new Shape(keys);
}
