import { EventLoopThreadRunner } from './runner.ts';

/** Two copies of the package on a thread find the same runner here. */
const key = Symbol.for('palitra.globalRunner');

interface Holder {
  [key]?: EventLoopThreadRunner | undefined;
}

const holder = globalThis as Holder;

/** The runner of the top-level functions; made at the first use and after a shutdown. */
export function globalRunner(): EventLoopThreadRunner {
  let runner = holder[key];
  if (runner === undefined) {
    runner = new EventLoopThreadRunner();
    Object.defineProperty(globalThis, key, { value: runner, configurable: true, writable: true });
  }
  return runner;
}

/**
 * Is there a global runner with a live loop thread?
 *
 * @example
 * ```js
 * import { isRunnerAlive } from 'palitra';
 *
 * console.log(isRunnerAlive()); // false: nothing has run yet
 * ```
 */
export function isRunnerAlive(): boolean {
  return holder[key]?.isAlive ?? false;
}

/**
 * Closes the global runner, if there is one: see `close()` of {@link EventLoopThreadRunner}. The next
 * call starts a new one.
 *
 * @example
 * ```js
 * import { coroutine, isRunnerAlive, run, shutdownGlobalRunner } from 'palitra';
 *
 * run(coroutine(async () => {})());
 * shutdownGlobalRunner();
 * console.log(isRunnerAlive()); // false
 * ```
 */
export function shutdownGlobalRunner(): void {
  const runner = holder[key];
  holder[key] = undefined;
  runner?.close();
}
