import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Call } from '../coroutine.ts';

/**
 * A function that imports a module: `() => import('./tasks.js')`.
 *
 * @example
 * ```ts
 * import type { ModuleImport } from 'palitra/bullmq';
 *
 * const tasks: ModuleImport = () => import('node:path/posix'); // such as import('./tasks.js')
 * console.log(Object.keys(await tasks()).includes('join')); // true
 * ```
 */
export type ModuleImport = () => Promise<object>;

/**
 * Modules by the names under which their functions travel.
 *
 * @example
 * ```ts
 * import type { QueueModules } from 'palitra/bullmq';
 *
 * export const modules: QueueModules = {
 *   tasks: new URL('./tasks.js', import.meta.url), // on either side
 *   paths: () => import('node:path'), // for serve() alone
 * };
 * ```
 */
export type QueueModules = Readonly<Record<string, string | URL | ModuleImport>>;

/** Between the name of a module and the names that lead to the function in it. */
const SEPARATOR = '#';

/** A function of a registered module, as a job names it. */
export interface FunctionName {
  readonly module: string;
  readonly path: readonly string[];
}

/**
 * The registered name of a module, checked.
 *
 * @throws {TypeError} when it is none.
 */
export function checkModuleName(name: unknown): string {
  if (typeof name === 'string' && /^[\w$@][\w$@./-]*$/.test(name)) return name;
  throw new TypeError(
    `The name of a module is a word such as 'tasks' (letters, digits and . / - _ @ $), not ${describe(name)}.`,
  );
}

/**
 * The address that a registered module is imported from; undefined where a function imports it.
 *
 * @throws {TypeError} for what is neither a URL, an absolute path nor a function.
 */
export function moduleAddress(name: string, source: unknown): string | undefined {
  if (typeof source === 'function') return undefined;
  const text = source instanceof URL ? source.href : source;
  if (typeof text === 'string') {
    if (isAbsolute(text)) return pathToFileURL(text).href;
    // A builtin's functions were not written to be called by whoever can write to Redis.
    if (URL.canParse(text) && !text.startsWith('node:')) return new URL(text).href;
  }
  throw new TypeError(
    `The module ${name} is registered by a URL, an absolute path or a function that imports it, ` +
      `such as { ${name}: new URL('./${name}.js', import.meta.url) }, not by ${describe(source)}.`,
  );
}

/** As `tasks#users.find`. */
function formatName({ module, path }: FunctionName): string {
  return `${module}${SEPARATOR}${path.join('.')}`;
}

/** What a job names; undefined when that cannot be a function of a module. */
export function parseName(text: string): FunctionName | undefined {
  const separator = text.indexOf(SEPARATOR);
  if (separator < 1) return undefined;
  const path = text.slice(separator + 1).split('.');
  if (path.some((key) => key === '')) return undefined;
  return { module: text.slice(0, separator), path };
}

const REMOTE = '#palitra-remote:';

/**
 * The address of a module that is known by its name alone. Only a queue's runner understands it; imported
 * on a loop thread, it says so.
 */
export function remoteAddress(name: string): string {
  const message =
    `"${name}" is the name of a module on the workers of a queue, made by remoteCoroutines(): ` +
    'run its coroutines with a QueueRunner.';
  return `data:text/javascript,throw new TypeError(${encodeURIComponent(JSON.stringify(message))})${REMOTE}${name}`;
}

/** Finds the names under which coroutines travel. */
export class ModuleNames {
  readonly #byAddress = new Map<string, string>();

  /** @throws {TypeError} for modules that cannot be registered. */
  constructor(modules: QueueModules = {}) {
    if (typeof modules !== 'object' || modules === null) {
      throw new TypeError(
        "modules maps names to modules, such as { tasks: new URL('./tasks.js', import.meta.url) }.",
      );
    }
    for (const [name, source] of Object.entries(modules)) {
      const address = moduleAddress(checkModuleName(name), source);
      if (address !== undefined) this.#byAddress.set(address, name);
    }
  }

  /**
   * The name of what a coroutine calls.
   *
   * @throws {TypeError} with the reason, when a worker could not find it.
   */
  nameOf({ target, isConstruction }: Call): string {
    const refuse = (reason: string): never => {
      throw new TypeError(`${target.label} cannot be sent to a queue: ${reason}`);
    };
    if (target.kind === 'handle') {
      return refuse('a handle stands for an object on a loop thread, and no worker has it.');
    }
    if (target.kind === 'inline') {
      return refuse(
        'workers execute only functions of registered modules, never source text. ' +
          'Export it from a module, and register that on both sides: modules: { tasks: … }.',
      );
    }
    if (isConstruction) {
      return refuse(
        'a class is constructed to be kept as a handle, and a handle cannot come back. ' +
          'Call a function that constructs it where it is needed.',
      );
    }
    const { url, path } = target;
    const remote = url.lastIndexOf(REMOTE);
    const module =
      this.#byAddress.get(url) ??
      (remote === -1 ? undefined : url.slice(remote + REMOTE.length)) ??
      refuse(
        `its module is not registered, and a path means nothing on another machine. ` +
          `Give the QueueRunner modules: { name: ${JSON.stringify(shorten(url))} }, or use remoteCoroutines('name').`,
      );
    const strange = path.find((key) => /[.#]/.test(key) || key === '');
    if (strange !== undefined) refuse(`"${strange}" is no name that can be written with dots.`);
    return formatName({ module, path });
  }
}

/** For messages. */
export function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
