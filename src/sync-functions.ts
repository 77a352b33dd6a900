import { sourceOf, type CoroutineSource } from './coroutine-source.ts';
import { Coroutine } from './coroutine.ts';
import { handleStateOf } from './handle.ts';
import { checkSyncOptions, type RunOptions, type SyncOptions } from './options.ts';
import { importValues } from './sync-module.ts';
import { inspect } from 'node:util';

/** What runs the coroutines of synchronous functions. */
export interface BlockingRunner {
  run<T>(coroutine: Coroutine<T>, options?: RunOptions): T;
  gatherSettled(
    coroutines: readonly Coroutine<unknown>[],
    options?: RunOptions,
  ): PromiseSettledResult<unknown>[];
}

type Maker = ((...args: unknown[]) => Coroutine<unknown>) &
  (new (...args: unknown[]) => Coroutine<unknown>);

/**
 * The synchronous functions of what makes coroutines. The runner is asked for with each call: the global
 * one may have been shut down since.
 *
 * @throws {TypeError} for anything that makes no coroutines.
 */
export function makeSync(api: unknown, options: SyncOptions, runner: () => BlockingRunner): object {
  const source = checkApi(api);
  const limits = checkSyncOptions(options);
  if (options.values === true) {
    if (source?.module !== undefined) return importValues(source.module, limits, runner);
    throw new TypeError(
      "sync(api, { values: true }) takes what coroutines() returned: sync(coroutines('./api.js', import.meta), { values: true }). A function written in place has no values.",
    );
  }
  const block = (coroutine: Coroutine<unknown>): unknown => runner().run(coroutine, limits);
  const isAll = source?.module?.path.length === 0;
  return isAll
    ? (Object.create(membersOf(api as object, block)) as object)
    : syncMember(api as Maker, block);
}

type Block = (coroutine: Coroutine<unknown>) => unknown;

/** As in coroutines(): members are made when asked for, and are own properties from then on. */
function membersOf(api: object, block: Block): object {
  const description = `synchronous ${sourceOf(api)?.description ?? 'handle'}`
    .replace('coroutines of', 'functions of')
    .replace('coroutine function', 'function');
  const describe = (): string => `[${description}]`;
  return new Proxy(Object.create(null) as object, {
    get(_, key, receiver): unknown {
      if (key === Symbol.toStringTag) return 'Sync';
      if (key === inspect.custom || key === Symbol.toPrimitive || key === 'toString')
        return describe;
      const member: unknown = (api as Record<PropertyKey, unknown>)[key];
      if (typeof key === 'symbol' || typeof member !== 'function') return undefined;
      const blocking = syncMember(member as Maker, block);
      Object.defineProperty(receiver, key, { value: blocking });
      return blocking;
    },
    has: (_, key) => typeof key === 'string' && key in api,
  });
}

function syncMember(make: Maker, block: Block): object {
  function blocking(...args: unknown[]): unknown {
    return block(new.target === undefined ? make(...args) : new make(...args));
  }
  for (const key of ['name', 'length'] as const)
    delete (blocking as unknown as Record<string, unknown>)[key];
  Object.setPrototypeOf(blocking, membersOf(make, block));
  return blocking;
}

function checkApi(api: unknown): CoroutineSource | undefined {
  const source = sourceOf(api);
  if (source !== undefined || (typeof api === 'function' && handleStateOf(api) !== undefined))
    return source;
  const expected =
    "sync() takes what coroutines() or coroutine() returned, such as sync(coroutines('./api.js', import.meta))";
  if (api instanceof Coroutine) {
    throw new TypeError(
      `${expected}, not ${String(api)}, which has its arguments already: write run(…) for one call, or sync(api).load(1).`,
    );
  }
  if (typeof api === 'function') {
    throw new TypeError(
      `${expected}, not a function. For an ordinary async function write sync(coroutine(fn)).`,
    );
  }
  const got = api === null ? 'null' : typeof api === 'object' ? 'an object' : typeof api;
  throw new TypeError(`${expected}, not ${got}.`);
}
