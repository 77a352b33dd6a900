import { parseName, checkModuleName, moduleAddress, shorten, type QueueModules } from './names.ts';

type Namespace = Readonly<Record<string, unknown>>;

/** A function of a registered module, and the object it is called on. */
export interface Callable {
  readonly parent: unknown;
  readonly callee: (...args: unknown[]) => unknown;
}

/** The modules that a worker serves, and nothing else: what a job names is looked up here, never imported. */
export class Registry {
  readonly #modules: ReadonlyMap<string, Namespace>;

  private constructor(modules: ReadonlyMap<string, Namespace>) {
    this.#modules = modules;
  }

  /**
   * Imports all modules, so that a worker that could not do its work does not start.
   *
   * @throws {TypeError} for modules that cannot be registered.
   * @throws what importing one of them throws.
   */
  static async load(modules: QueueModules): Promise<Registry> {
    if (typeof modules !== 'object' || modules === null || Object.keys(modules).length === 0) {
      throw new TypeError(
        "serve() takes the modules whose functions it may call, such as { tasks: () => import('./tasks.js') }.",
      );
    }
    const loaded = new Map<string, Namespace>();
    for (const [name, source] of Object.entries(modules)) {
      const address = moduleAddress(checkModuleName(name), source);
      const namespace: unknown =
        typeof source === 'function' ? await source() : await import(address!);
      if (typeof namespace !== 'object' || namespace === null) {
        throw new TypeError(
          `The function that imports the module ${name} returned no module: write () => import('./${name}.js').`,
        );
      }
      loaded.set(name, namespace as Namespace);
    }
    return new Registry(loaded);
  }

  get names(): readonly string[] {
    return [...this.#modules.keys()];
  }

  /**
   * What a job names.
   *
   * @throws {TypeError} for anything but a function that a registered module exports.
   */
  find(jobName: string): Callable {
    const name = parseName(jobName);
    const namespace = name === undefined ? undefined : this.#modules.get(name.module);
    if (name === undefined || namespace === undefined) {
      throw new TypeError(
        `${JSON.stringify(shorten(jobName))} is of no module that is registered on this worker; registered are: ${this.names.join(', ')}.`,
      );
    }
    const found = lookUp(namespace, name.path) ?? lookUp(namespace['default'], name.path);
    if (found !== undefined) return found;
    const functions = Object.keys(namespace).filter((key) => typeof namespace[key] === 'function');
    throw new TypeError(
      `The module ${name.module} exports no function "${shorten(name.path.join('.'))}". ` +
        `It exports these functions: ${functions.join(', ') || 'none'}.`,
    );
  }
}

/** By own names only: what objects inherit was not exported by anybody. */
function lookUp(start: unknown, path: readonly string[]): Callable | undefined {
  let parent: unknown;
  let value: unknown = start;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    parent = value;
    value = (value as Namespace)[key];
  }
  if (typeof value !== 'function') return undefined;
  return { parent, callee: value as Callable['callee'] };
}
