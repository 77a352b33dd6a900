/**
 * The calls in flight, by their numbers, in the order in which they were made. Nearly always there is one,
 * and that needs no table: an engine makes a new one whenever a `Map` becomes empty.
 */
export class InFlight<T extends { readonly id: number }> {
  /** The first of all, while it is in flight. */
  #first: T | undefined;
  readonly #others = new Map<number, T>();

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + this.#others.size;
  }

  add(call: T): void {
    if (this.size === 0) this.#first = call;
    else this.#others.set(call.id, call);
  }

  get(id: number): T | undefined {
    return this.#first?.id === id ? this.#first : this.#others.get(id);
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** Was it in flight? */
  delete(id: number): boolean {
    if (this.#first?.id !== id) return this.#others.size > 0 && this.#others.delete(id);
    this.#first = undefined;
    return true;
  }

  /** Whoever walks through them may take them away meanwhile. */
  *values(): Generator<T> {
    if (this.#first !== undefined) yield this.#first;
    yield* this.#others.values();
  }
}
