/** Values of every kind, made from a seed: the same each time. */
import { deepStrictEqual } from 'node:assert/strict';
import { coroutines, run, UncloneableError } from 'palitra';
import { types } from 'node:util';
import { describeGraph } from '../support/graph.ts';
import { isBun } from '../support/runtime.ts';
import { seededRandom, type Random } from '../support/random.ts';

const remote = coroutines<typeof import('../fixtures/values.ts')>(
  '../fixtures/values.js',
  import.meta,
);

/** Few, so that shapes meet again, and an object has what another inherits. */
const KEYS = [
  ...['a', 'b', 'id', 'name', 'ctx', '0', '7', '', 'é', 'then'],
  ...['__proto__', 'toString', 'constructor', 'length', 'rawJSON'],
];

const iteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf([].values()) as object,
) as object;

type Maker<T> = (builder: Builder) => T;

const primitives: readonly Maker<unknown>[] = [
  ({ below }) => below(300),
  ({ random }) => random() * 1e6,
  ({ below }) => 'text'.repeat(below(4)),
  () => 'wide \u{1f600} \ud800',
  () => 2n ** 70n,
  () => -0,
  () => NaN,
  () => null,
  () => undefined,
  () => true,
];

const builtIns: readonly Maker<object>[] = [
  ({ below }) => new Date(below(1e9)),
  () => /a(?<b>b)/giu,
  ({ primitive }) => Object(primitive() ?? 1) as object,
  ({ below }) => new Uint8Array(below(20)),
  ({ below }) => new Float64Array(below(700)),
  () => new DataView(new ArrayBuffer(8), 2, 4),
  ({ below }) => new ArrayBuffer(below(10)),
  () => {
    const buffer = new ArrayBuffer(16);
    return [new Uint8Array(buffer, 2, 3), new Int16Array(buffer, 4), buffer];
  },
  (builder) => new Map(builder.list(() => [builder.value(), builder.value()] as const)),
  (builder) => new Set(builder.list(() => builder.value())),
];

/** Of one with another prototype nobody could tell what it is. */
const platformObjects: readonly Maker<object>[] = [
  ({ below }) => new Blob(['x'.repeat(below(9))], { type: 'text/plain' }),
  ({ below }) => new SharedArrayBuffer(below(9)),
];

class Base {
  own = 1;
  method(): void {}
  get derived(): number {
    return 1;
  }
}

class Derived extends Base {
  override own = 2;
  readonly #hidden = 3;
  reveal(): number {
    return this.#hidden;
  }
}

class Tagged {
  id = 1;
  get [Symbol.toStringTag](): string {
    return 'Map';
  }
}

/** As people wrote classes before there were any: what is inherited can be enumerated. */
function legacy(): object {
  return { id: 0, name: 'inherited', b() {}, constructor: class {} };
}

const parents = [
  Error,
  Array,
  Function,
  Map,
  Set,
  Date,
  RegExp,
  Promise,
  Uint8Array,
  Number,
  String,
];

/** Prototypes that programs make. */
const prototypes: readonly Maker<object | null>[] = [
  () => Base.prototype,
  () => Derived.prototype,
  () => Tagged.prototype,
  () => Object.prototype,
  () => null,
  legacy,
  () => Object.create(null) as object,
  () => Object.create(null, { [Symbol.toStringTag]: { value: 'Tag' }, id: { value: 1 } }) as object,
  () => Object.create(legacy()) as object,
  () => Object.freeze({ a: 1 }),
  () => [1, 2],
  () => iteratorPrototype,
  () => (0, eval)('(class {})').prototype as object,
  ({ pick }) => pick(parents).prototype as object,
  ({ pick }) => Object.create(pick(parents).prototype as object) as object,
  ({ pick }) => Object.assign(Object.create(pick(parents).prototype as object) as object, legacy()),
  () => new Proxy({ id: 0 }, {}),
  () => Object.create(new Proxy(legacy(), {})) as object,
];

const instances: readonly Maker<object>[] = [
  () => new Base(),
  () => new Derived(),
  () => new Tagged(),
  () => new (class extends Map<number, number> {})([[1, 2]]),
  () => new (class extends Set<number> {})([1]),
  () => new (class extends Date {})(5),
  () => new (class extends Uint8Array {})(3),
  () => Object.assign(new (class List extends Array<unknown> {})(), [1, 2, 3]),
];

/** What structured clone refuses, and so does palitra. */
const refused: readonly Maker<unknown>[] = [
  () => Symbol('s'),
  () => new WeakMap(),
  () => new WeakRef({}),
  () => Promise.resolve(1),
  () => [1].values(),
  () => new Map([[1, 2]]).entries(),
  () => (function* () {})(),
  () => new Intl.NumberFormat(),
  () => new Intl.Segmenter().segment('ab'),
  () => new Proxy({ a: 1 }, {}),
  () =>
    (
      function () {
        // oxlint-disable-next-line prefer-rest-params -- it is what is tested
        return arguments;
      } as (...args: number[]) => unknown
    )(1),
  () => Object.setPrototypeOf(new WeakSet(), Base.prototype) as unknown,
];

class Builder {
  readonly random: Random;
  /** What can be met again. */
  readonly #objects: object[] = [];
  #depth = 0;
  readonly #refusals: number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    // In most values there is nothing to refuse.
    this.#refusals = this.random() < 0.1 ? 0.1 : 0;
  }

  below = (limit: number): number => Math.floor(this.random() * limit);
  pick = <T>(from: readonly T[]): T => from[this.below(from.length)]!;
  primitive = (): unknown => this.pick(primitives)(this);
  list = <T>(make: () => T): T[] => Array.from({ length: this.below(5) }, make);

  value = (): unknown => {
    const dice = this.random();
    if (this.random() < this.#refusals) return this.pick(refused)(this);
    if (this.#depth > 4 || dice < 0.25) return this.primitive();
    if (dice < 0.35 && this.#objects.length > 0) return this.pick(this.#objects);
    this.#depth += 1;
    const object = this.#object(this.random());
    this.#depth -= 1;
    this.#objects.push(object);
    return object;
  };

  #object(dice: number): object {
    if (dice < 0.15) return this.pick(builtIns)(this);
    if (dice < 0.17) return this.pick(platformObjects)(this);
    if (dice < 0.25) return this.#array();
    if (dice < 0.35) return this.#fill(this.pick(instances)(this));
    if (dice < 0.4) return Object.setPrototypeOf(this.pick(builtIns)(this), this.#prototype());
    if (dice < 0.65) return this.#fill(Object.create(this.#prototype()) as object);
    return this.#fill({});
  }

  #prototype(): object | null {
    return this.pick(prototypes)(this);
  }

  #array(): object {
    const array = this.list(this.value);
    if (this.random() < 0.2) array.length += this.below(3);
    if (this.random() < 0.2) delete array[0];
    if (this.random() < 0.2) this.#fill(array);
    return array;
  }

  #fill(object: object): object {
    this.#objects.push(object);
    // Bun 1.4 copies the properties of a Map or Set too, which no other platform does.
    if (isBun && (types.isMap(object) || types.isSet(object))) return object;
    for (let rest = this.below(5); rest > 0; rest--) this.#define(object, this.pick(KEYS));
    return object;
  }

  #define(object: object, key: string): void {
    if (!Object.isExtensible(object) || (key === 'length' && Array.isArray(object))) return;
    const dice = this.random();
    // In an array Bun 1.4 copies also what cannot be enumerated, and reads getters in an order of its own.
    const isSimple = isBun && Array.isArray(object);
    const enumerable = isSimple || dice > 0.1;
    const rest = { enumerable, configurable: true };
    const value = this.value();
    if (isSimple || dice < 0.85)
      Object.defineProperty(object, key, { value, writable: true, ...rest });
    else Object.defineProperty(object, key, { get: this.#getter(object, key, value), ...rest });
  }

  /** Some change the object that is being read. */
  #getter(holder: object, key: string, value: unknown): () => unknown {
    // Of a getter that deletes itself and returns undefined, palitra keeps as little as the getter itself.
    const other = this.pick(KEYS.filter((each) => each !== key || value !== undefined));
    const dice = this.random();
    return () => {
      if (dice < 0.3) Reflect.deleteProperty(holder, other);
      else if (dice < 0.5) Reflect.set(holder, other, value);
      else if (dice < 0.6 && !isPlain(holder)) Object.setPrototypeOf(holder, legacy());
      return value;
    };
  }
}

/** While it is read, a plain object is taken to inherit what it did at first. */
function isPlain(object: object): boolean {
  return Object.getPrototypeOf(object) === Object.prototype;
}

/** The value of a seed. Made anew each time, for getters change it. */
export function generate(seed: number): unknown {
  return new Builder(seed).value();
}

/** What a program's own pollution of all objects must not become. */
function polluted<T>(body: () => T): T {
  const prototype = Object.prototype as { name?: string };
  prototype.name = 'polluted';
  try {
    return body();
  } finally {
    delete prototype.name;
  }
}

/** It arrives as `structuredClone` makes it, or is refused where that refuses it. */
export function checkGenerated(seed: number): void {
  const surroundings = seed % 10 === 0 ? polluted : <T>(body: () => T): T => body();
  const expected = outcomeOf(() => surroundings(() => structuredClone(generate(seed))));
  const actual = outcomeOf(() => surroundings(() => run(remote.echo(generate(seed)))));
  deepStrictEqual(actual, expected, `seed ${seed}`);
}

function outcomeOf(copy: () => unknown): string[] {
  let value: unknown;
  try {
    value = copy();
  } catch (error) {
    const isRefusal = error instanceof UncloneableError || error instanceof DOMException;
    return [isRefusal ? 'refused' : String(error)];
  }
  return describeGraph(value).split('\n');
}
