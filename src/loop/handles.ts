import { Ids } from '../wire/ids.ts';

/** 0: an object, whose methods are called; 1: a function, which is called itself. */
export type HandleKind = 0 | 1;

interface Held {
  readonly target: object;
  /** Handles that have been sent and not yet released. */
  count: number;
}

/** The objects that stay on the loop thread while a caller holds handles to them. */
export class Handles {
  readonly #held = new Map<number, Held>();
  readonly #ids = new Map<object, number>();
  readonly #numbers = new Ids(this.#held);

  /** The number under which the caller gets a handle. The same object has one number at a time. */
  add(target: object): number {
    let id = this.#ids.get(target);
    if (id === undefined) {
      id = this.#numbers.next();
      this.#ids.set(target, id);
      this.#held.set(id, { target, count: 0 });
    }
    this.#held.get(id)!.count += 1;
    return id;
  }

  get(id: number): object | undefined {
    return this.#held.get(id)?.target;
  }

  /** One handle was collected or has not arrived. */
  release(id: number): void {
    const held = this.#held.get(id);
    if (held !== undefined && --held.count === 0) this.forget(id);
  }

  clear(): void {
    this.#held.clear();
    this.#ids.clear();
  }

  /** The object was disposed of: none of its handles is good any more. */
  forget(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#ids.delete(held.target);
  }
}
