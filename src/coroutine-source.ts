import { inspect } from 'node:util';

/** What coroutines are made by: all of a module, a member of it, or a function written in place. */
export interface CoroutineSource {
  /** In one short line, such as `coroutine function api.js#load`. */
  readonly description: string;
  /** How its function is called, such as `api.load(…)`. */
  readonly call: string;
  /** The module and the names down to the member; undefined for a function written in place. */
  readonly module?: ModuleSource | undefined;
}

export interface ModuleSource {
  readonly url: string;
  /** How it is called in messages: short, and recognisable. */
  readonly name: string;
  /** The file that asked for it, for the error when there is no such module. */
  readonly importer: string;
  readonly path: readonly string[];
}

/** Under a registered symbol, so that two copies of the package know each other's. */
const sourceSymbol: unique symbol = Symbol.for('palitra.source') as never;

/** What makes coroutines says so to `run`, to `sync`, and in a console. */
export function sourceProperties(source: CoroutineSource): Record<symbol, unknown> {
  const describe = (): string => `[${source.description}]`;
  return { [sourceSymbol]: source, [inspect.custom]: describe, [Symbol.toPrimitive]: describe };
}

/** What a value makes coroutines of; undefined for every other value. */
export function sourceOf(value: unknown): CoroutineSource | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  return (value as { [sourceSymbol]?: CoroutineSource })[sourceSymbol];
}
