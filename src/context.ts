import { contextStorage } from './wire/contexts.ts';

/**
 * A value that follows the flow of calls, on both threads.
 *
 * @example
 * ```ts
 * import { sharedContext, type SharedContext } from 'palitra';
 *
 * const locale: SharedContext<string> = sharedContext('locale');
 * console.log(locale.run('de', () => locale.get()), locale.get()); // de undefined
 * ```
 */
export interface SharedContext<T> {
  /** Runs `body` with the value set: here, in the coroutines started inside it, and in their callbacks. */
  run<R>(value: T, body: () => R): R;
  /** The value that is set here, if one is. */
  get(): T | undefined;
}

/**
 * A context that crosses between the threads, for trace ids, tenants, locales. The two sides are matched
 * by `name`; on each it is an `AsyncLocalStorage`. Values are copied like arguments, so a change on one
 * side is not seen on the other. With no shared context in use, it costs nothing.
 *
 * @throws {TypeError} when `name` is not a string.
 *
 * @example
 * ```js
 * import { coroutine, run, sharedContext } from 'palitra';
 *
 * const tenant = sharedContext('tenant');
 * const whoAmI = coroutine(async () => {
 *   const { sharedContext } = await import('palitra/loop');
 *   return sharedContext('tenant').get();
 * });
 * console.log(tenant.run('acme', () => run(whoAmI()))); // acme
 * ```
 */
export function sharedContext<T>(name: string): SharedContext<T> {
  if (typeof name !== 'string') {
    throw new TypeError("sharedContext() takes a name, such as sharedContext('tenant').");
  }
  const storage = contextStorage(name);
  return {
    run: (value, body) => storage.run(value, body),
    get: () => storage.getStore() as T | undefined,
  };
}
