/** Every copy of the package on a thread finds the same ones. */
const kept: WeakSet<object> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for('palitra.kept')
] ??= new WeakSet()) as WeakSet<object>;

/**
 * Keeps a callback callable after the coroutine that it is given to has ended: for listeners and hooks. It
 * lives for as long as something on the loop thread holds it. Returns the same function.
 *
 * @example
 * ```js
 * import { coroutine, keep, run } from 'palitra';
 *
 * const subscribe = coroutine(async (listener) => {
 *   setTimeout(() => listener('later'), 10);
 * });
 * run(subscribe(keep((text) => console.log(text))));
 * ```
 */
export function keep<F extends (...args: never[]) => unknown>(callback: F): F {
  if (typeof callback !== 'function') {
    throw new TypeError(
      `keep() takes a function, such as keep((event) => …), not ${typeof callback}.`,
    );
  }
  kept.add(callback);
  return callback;
}

export function isKept(callback: object): boolean {
  return kept.has(callback);
}
