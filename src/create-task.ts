import type { Coroutine } from './coroutine.ts';
import { globalRunner } from './global-runner.ts';
import type { RunOptions } from './options.ts';
import type { Task } from './task.ts';
import type { Mistake, Outcome } from './types.ts';

/**
 * Starts a coroutine on the global runner's loop thread without waiting for it.
 *
 * @throws {TypeError} when it is not a coroutine.
 * @throws {UncloneableError} when an argument cannot be copied.
 * @throws {LoopStartError} when the loop thread cannot be started.
 *
 * @example
 * ```js
 * import { coroutines, createTask } from 'palitra';
 *
 * const timers = coroutines('node:timers/promises');
 * const task = createTask(timers.setTimeout(10, 'rested'));
 * console.log(await task); // rested
 * ```
 */
export function createTask<T, Value = never>(
  coroutine: Coroutine<T> | Mistake<Value, 'createTask'>,
  options?: RunOptions,
): Task<Outcome<T, Value>> {
  return globalRunner().createTask(coroutine as Coroutine<Outcome<T, Value>>, options);
}
