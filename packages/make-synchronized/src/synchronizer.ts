import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { Description } from './describe.ts';
import { inlineSource, LoopThread, moduleSource, type Source } from './loop-thread.ts';
import type { AnyFunction, PropertyPath } from './types.ts';

type Path = readonly string[];

/** The like of a module on this thread. What has been asked once is remembered, as its values are constant. */
export class Synchronizer {
  static readonly #known = new Map<string, Synchronizer>();
  readonly #thread: LoopThread;
  readonly #descriptions = new Map<string, Description>();
  readonly #keys = new Map<string, string[]>();
  readonly #functions = new Map<string, AnyFunction>();
  readonly #objects = new Map<string, object>();

  private constructor(source: () => Source) {
    this.#thread = new LoopThread(source);
  }

  static ofModule(module: unknown): Synchronizer {
    const url = addressOf(module);
    return remembered(this.#known, url, () => new Synchronizer(() => moduleSource(url)));
  }

  static ofFunction(code: string): Synchronizer {
    return remembered(
      this.#known,
      `inline ${code}`,
      () => new Synchronizer(() => inlineSource(code)),
    );
  }

  describe(path: PropertyPath): Description {
    const names = namesOf(path);
    return remembered(this.#descriptions, keyOf(names), () =>
      this.#thread.ask((source) => source.information(names)),
    );
  }

  /** What is known without asking, as the module itself says it. */
  know(path: PropertyPath, description: Description): void {
    this.#descriptions.set(keyOf(namesOf(path)), description);
  }

  get(path: PropertyPath): unknown {
    const names = namesOf(path);
    const description = this.describe(names as string[]);
    if (description.kind === 'function') return this.#functionAt(names);
    if (description.kind === 'primitive') return description.value;
    if (description.kind === 'object') return this.#objectAt(names, description);
    return this.#thread.ask((source) => source.read(names));
  }

  /** All exports, each read when it is asked for. */
  module(): object {
    const module = Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }) as object;
    const keys = remembered(this.#keys, '', () => this.#thread.ask((source) => source.ownKeys([])));
    for (const key of keys) {
      Object.defineProperty(module, key, { get: () => this.get(key), enumerable: true });
    }
    return module;
  }

  /** The default export, with all exports as its properties. */
  defaultFunction(): AnyFunction {
    return new Proxy(this.get('default') as AnyFunction, {
      get: (_, property) => (typeof property === 'symbol' ? undefined : this.get(property)),
    });
  }

  #functionAt(names: Path): AnyFunction {
    return remembered(
      this.#functions,
      keyOf(names),
      () =>
        (...args: unknown[]): unknown =>
          this.#thread.ask((source) => source.apply(names, args)),
    );
  }

  #objectAt(names: Path, { hasNoPrototype, members }: Description & { kind: 'object' }): object {
    return remembered(this.#objects, keyOf(names), () => {
      const object = (hasNoPrototype ? Object.create(null) : {}) as object;
      for (const [name, primitive] of members) {
        const get = (): unknown => this.get([...names, name]);
        const property = primitive === undefined ? { get } : { ...primitive, writable: true };
        Object.defineProperty(object, name, { ...property, enumerable: true, configurable: true });
      }
      const own = new Set(members.map(([name]) => name));
      // What it inherits, or was given later, is asked for.
      return new Proxy(object, {
        get: (target, property, receiver) =>
          typeof property === 'symbol' || own.has(property)
            ? Reflect.get(target, property, receiver)
            : this.get([...names, property]),
      });
    });
  }
}

const namesOf = (path: PropertyPath): Path => (typeof path === 'string' ? [path] : (path ?? []));
const keyOf = (names: Path): string => JSON.stringify(names);

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  if (!known.has(key)) known.set(key, make());
  return known.get(key)!;
}

/** @throws {TypeError} for a relative path, and for what has no address. */
function addressOf(module: unknown): string {
  const { href, url, filename } = Object(module) as Record<string, unknown>;
  if (typeof href === 'string') return href;
  if (typeof url === 'string') return url;
  if (typeof filename === 'string') return pathToFileURL(filename).href;
  if (typeof module !== 'string' || module.startsWith('.')) {
    throw new TypeError(
      `'module' should be an 'URL', 'import.meta' or an absolute path, got '${inspect(module)}'.`,
    );
  }
  return isAbsolute(module) ? pathToFileURL(module).href : module;
}
