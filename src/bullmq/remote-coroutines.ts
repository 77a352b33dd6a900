import { createNamespace } from '../coroutines.ts';
import type { Coroutines } from '../types.ts';
import { checkModuleName, remoteAddress } from './names.ts';

/**
 * Makes coroutine functions of a module that is registered under a name on the workers of a queue, and need
 * not be on this machine at all. Typed as `coroutines()`; for a {@link QueueRunner} to run.
 *
 * @throws {TypeError} when it is no name of a module.
 *
 * @example
 * ```js
 * import { remoteCoroutines } from 'palitra/bullmq';
 *
 * const tasks = remoteCoroutines('tasks');
 * console.log(String(tasks.resize(7))); // coroutine tasks#resize
 * ```
 */
export function remoteCoroutines<M>(name: string): Coroutines<M>;
export function remoteCoroutines(name: unknown, ...more: readonly unknown[]): object {
  const module = checkModuleName(name);
  if (more.length > 0) {
    throw new TypeError(
      `remoteCoroutines() takes the name of a module alone. Options are given where a coroutine is run: ` +
        `runner.run(remoteCoroutines('${module}').f(), { timeout: 2_000 }).`,
    );
  }
  return createNamespace({ url: remoteAddress(module), name: module, importer: '', path: [] });
}
