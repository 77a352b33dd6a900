/** Up to this many objects are looked for one by one, which beats a Map. */
const FEW = 12;

/** The objects of one message, numbered in the order in which they are written. */
export class SeenObjects {
  #objects: object[] = [];
  #numbers: Map<object, number> | undefined;

  /** The number of an object that came before, or -1 when it has just got one. */
  add(value: object): number {
    const objects = this.#objects;
    const numbers = this.#numbers;
    if (numbers === undefined) {
      for (let index = 0; index < objects.length; index++) {
        if (objects[index] === value) return index;
      }
      objects.push(value);
      if (objects.length > FEW) {
        this.#numbers = new Map(objects.map((object, index) => [object, index]));
      }
      return -1;
    }
    const known = numbers.get(value);
    if (known !== undefined) return known;
    numbers.set(value, objects.length);
    objects.push(value);
    return -1;
  }

  has(value: object): boolean {
    return this.#numbers === undefined ? this.#objects.includes(value) : this.#numbers.has(value);
  }

  /** The one that has just got its number stands for another value, and has none. */
  forgetLast(): void {
    const last = this.#objects.pop();
    if (this.#numbers !== undefined && last !== undefined) this.#numbers.delete(last);
  }

  clear(): void {
    // Setting the length of an array to 0 takes longer than a new one.
    if (this.#objects.length > 0) this.#objects = [];
    this.#numbers = undefined;
  }
}
