import type { Coroutine } from './coroutine.ts';
import { globalRunner } from './global-runner.ts';
import type { RunOptions } from './options.ts';
import type { Mistake, Outcome } from './types.ts';

/**
 * Blocks until the coroutine has ended on the global runner's loop thread; returns its result, or
 * throws what it threw.
 *
 * @throws {TypeError} when it is not a coroutine; the message says what to write instead.
 * @throws {UncloneableError} when an argument or the result cannot be copied.
 * @throws {TimeoutError} when `timeout` (milliseconds) is over.
 * @throws {LoopThreadError} when the loop thread dies meanwhile. The next call starts a new one.
 * @throws {LoopStartError} when it cannot be started.
 *
 * @example
 * ```js
 * import { coroutines, run } from 'palitra';
 *
 * const fs = coroutines('node:fs/promises');
 * const text = run(fs.readFile('package.json', 'utf8'), { timeout: 2_000 });
 * console.log(typeof text); // string
 * ```
 */
export function run<T, Value = never>(
  coroutine: Coroutine<T> | Mistake<Value, 'run'>,
  options?: RunOptions,
): Outcome<T, Value> {
  return globalRunner().run(coroutine as Coroutine<Outcome<T, Value>>, options);
}
