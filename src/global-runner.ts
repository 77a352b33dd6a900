import { checkRunnerOptions, type RunnerOptions } from './options.ts';
import { EventLoopThreadRunner } from './runner.ts';

/** Two copies of the package on a thread find the same runner here. */
const key = Symbol.for('palitra.globalRunner');
/** And here what it shall have. */
const optionsKey = Symbol.for('palitra.globalRunnerOptions');

interface Holder {
  [key]?: EventLoopThreadRunner | undefined;
  [optionsKey]?: RunnerOptions;
}

const holder = globalThis as Holder;

/** The runner of the top-level functions; made at the first use and after a shutdown. */
export function globalRunner(): EventLoopThreadRunner {
  let runner = holder[key];
  if (runner === undefined) {
    runner = new EventLoopThreadRunner(holder[optionsKey] ?? {});
    Object.defineProperty(globalThis, key, { value: runner, configurable: true, writable: true });
  }
  return runner;
}

/**
 * Gives the global runner of this thread the options of a runner of one's own, for whatever the whole program
 * shall have. Before its first use; they hold after `shutdownGlobalRunner()` as well. Calling it again
 * replaces all that was given before.
 *
 * @throws {TypeError | RangeError} for an option it does not know, or with a value it cannot have.
 * @throws {Error} when the global runner runs: call `shutdownGlobalRunner()` first.
 *
 * @example
 * ```js
 * import { configureGlobalRunner, coroutine, run } from 'palitra';
 *
 * configureGlobalRunner({ name: 'loader', timeout: 100 });
 * const never = coroutine(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
 * try {
 *   run(never());
 * } catch (error) {
 *   console.log(error.name); // TimeoutError
 * }
 * ```
 */
export function configureGlobalRunner(options: RunnerOptions): void {
  checkRunnerOptions(options, 'configureGlobalRunner()');
  if (isRunnerAlive()) {
    throw new Error(
      'configureGlobalRunner() was called while the global runner runs: call it before the first call, or call shutdownGlobalRunner() first.',
    );
  }
  // One that has started no loop thread, or has lost it.
  shutdownGlobalRunner();
  Object.defineProperty(globalThis, optionsKey, {
    value: { ...options },
    configurable: true,
    writable: true,
  });
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
