/** The keys of one stretch of the way, and the stretch before it. */
export interface Stretch {
  readonly before: Stretch | undefined;
  readonly keys: readonly (string | number)[];
}

/** A longer path is abridged in messages. */
const LONG_PATH = 300;

/** Where the value that is being written stands, so that an error can name it. */
export class ValuePath {
  /** Under which key the next value stands, at each depth. */
  readonly keys: (string | number)[] = [];
  depth = 0;
  root = '';
  #before: Stretch | undefined;

  /** From the top: `root`, or `root[index]`. */
  start(root: string, index: number): void {
    this.root = root;
    this.#before = undefined;
    this.keys[0] = index;
    this.depth = index === -1 ? 0 : 1;
  }

  /** This place, to come back to. */
  mark(): Stretch {
    return { before: this.#before, keys: this.keys.slice(0, this.depth) };
  }

  resume(place: Stretch): void {
    this.#before = place;
    this.depth = 0;
  }

  /** As in JavaScript: `arguments[0].user["first name"]`. */
  toString(): string {
    const stretches: (readonly (string | number)[])[] = [];
    for (let place: Stretch | undefined = this.mark(); place !== undefined; place = place.before) {
      stretches.push(place.keys);
    }
    return stretches
      .reverse()
      .flat()
      .reduce<string>((path, key) => path + step(key), this.root);
  }
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

/** For messages: the beginning and the end of a path that nobody would read whole. */
export function abridge(path: string): string {
  if (path.length <= LONG_PATH) return path;
  return `${path.slice(0, LONG_PATH / 2)} … ${path.slice(-LONG_PATH / 2)}`;
}
