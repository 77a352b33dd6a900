/**
 * Objects that are made by the same code have the same keys. The first time, the keys travel with the
 * object and get a number; from then on the number is enough. Both ends of a channel count alike.
 */
import type { ByteReader } from './byte-reader.ts';

/** More shapes than this are not worth remembering: the keys are data then (`{ [id]: … }`). */
const MAX_SHAPES = 2048;
const MAX_KEYS = 48;

/** The keys up to here lead to this node; `shape` is the number of an object that ends here, or -1. */
interface ShapeNode {
  shape: number;
  /** Those of the shape. */
  keys: readonly string[];
  readonly next: Map<string, ShapeNode>;
}

export const NEW_SHAPE = -1;
const ODD_SHAPE = -2;

const NO_KEYS: readonly string[] = [];
/** Stands for none: nothing has these keys. */
const NO_SHAPE: ShapeNode = { shape: ODD_SHAPE, keys: [undefined as never], next: new Map() };

/** The writer's memory of shapes. */
export class ShapeWriter {
  readonly #root: ShapeNode = { shape: -1, keys: NO_KEYS, next: new Map() };
  readonly #nodes: ShapeNode[] = [];
  #committed = 0;
  /** The two that were found last: objects of two shapes often take turns, one inside the other. */
  #last = NO_SHAPE;
  #previous = NO_SHAPE;

  /** The number of these keys; NEW_SHAPE when they have just got the next one; ODD_SHAPE for never. */
  find(keys: readonly string[]): number {
    if (isSame(this.#last.keys, keys)) return this.#last.shape;
    if (isSame(this.#previous.keys, keys)) {
      const found = this.#previous;
      this.#previous = this.#last;
      this.#last = found;
      return found.shape;
    }
    if (keys.length > MAX_KEYS) return ODD_SHAPE;
    let node = this.#root;
    const isFull = this.#nodes.length >= MAX_SHAPES;
    for (const key of keys) {
      let next = node.next.get(key);
      if (next === undefined) {
        if (isFull) return ODD_SHAPE;
        next = { shape: -1, keys: NO_KEYS, next: new Map() };
        node.next.set(key, next);
      }
      node = next;
    }
    const isNew = node.shape < 0;
    if (isNew) {
      if (isFull) return ODD_SHAPE;
      node.shape = this.#nodes.length;
      node.keys = keys;
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
    while (this.#nodes.length > this.#committed) this.#nodes.pop()!.shape = -1;
    this.#last = NO_SHAPE;
    this.#previous = NO_SHAPE;
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) return false;
  }
  return true;
}

/** The keys of objects that were made by the same code, as the reader knows them. */
export interface Shape {
  readonly keys: readonly string[];
  /** Do all objects inherit something under one of the keys? A plain assignment is not enough then. */
  readonly isInherited: boolean;
}

export function readShape(reader: ByteReader): Shape {
  const keys: string[] = [];
  let isInherited = false;
  let count = reader.varint();
  // From a queue anything may come: beyond the end there are empty keys without number.
  if (count > reader.remaining)
    throw new RangeError('palitra: a message ends in the middle of keys');
  for (; count > 0; count--) {
    const key = reader.string();
    keys.push(key);
    isInherited ||= key in Object.prototype;
  }
  return { keys, isInherited };
}
