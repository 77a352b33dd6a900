import { Coroutine } from './coroutine.ts';
import { run } from './run.ts';
import type { Sync } from './types.ts';

/**
 * The same functions, made plain synchronous ones: each blocks until its coroutine has ended on the
 * global runner's loop thread. Takes what `coroutines()` or `coroutine()` returned.
 *
 * @throws {TypeError} when it is neither.
 *
 * @example
 * ```js
 * import { coroutines, sync } from 'palitra';
 *
 * const fs = sync(coroutines('node:fs/promises'));
 * console.log(fs.readFile('package.json', 'utf8').length > 0); // true
 * ```
 */
export function sync<C extends object>(api: C): Sync<C> {
  if ((typeof api !== 'object' && typeof api !== 'function') || api === null) {
    throw new TypeError(
      `sync() takes what coroutines() or coroutine() returned, such as sync(coroutines('./api.js', import.meta)), not ${api === null ? 'null' : typeof api}.`,
    );
  }
  return (typeof api === 'function' ? syncMember(api) : syncNamespace(api)) as Sync<C>;
}

type SyncSource = ((...args: unknown[]) => unknown) & (new (...args: unknown[]) => unknown);

function syncNamespace(source: object): object {
  return Object.create(memberSource(source)) as object;
}

/** As in coroutines(): members are made when asked for, and are own properties from then on. */
function memberSource(source: object): object {
  return new Proxy(Object.create(null) as object, {
    get(_, key, receiver): unknown {
      const member: unknown = (source as Record<PropertyKey, unknown>)[key];
      if (typeof key === 'symbol' || typeof member !== 'function' || key === 'toString')
        return member;
      const blocking = syncMember(member as SyncSource);
      Object.defineProperty(receiver, key, { value: blocking });
      return blocking;
    },
    has: (_, key) => key in source,
  });
}

function syncMember(source: SyncSource): object {
  function blocking(...args: unknown[]): unknown {
    const coroutine = new.target === undefined ? source(...args) : new source(...args);
    if (!(coroutine instanceof Coroutine)) {
      throw new TypeError(
        'sync() takes what coroutines() or coroutine() returned. For an ordinary async function write sync(coroutine(fn)).',
      );
    }
    return run(coroutine);
  }
  for (const key of ['name', 'length'] as const)
    delete (blocking as unknown as Record<string, unknown>)[key];
  Object.setPrototypeOf(blocking, memberSource(source));
  return blocking;
}
