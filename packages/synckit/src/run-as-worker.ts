import type { AnyFn, StdioChunk } from './types.ts';

/** On the loop thread: takes the function of the worker file that is being loaded. */
interface Registry {
  register(fn: AnyFn): void;
}

/** Under a registered symbol: the worker file may import another copy of this package. */
export const registrySymbol: unique symbol = Symbol.for('@palitra/synckit.registry') as never;

/**
 * Makes the function of this worker file the one that `createSyncFn` calls. Off the loop thread it does
 * nothing, so the file can be imported anywhere.
 *
 * @example
 * ```js
 * // worker.mjs
 * import { runAsWorker } from '@palitra/synckit';
 *
 * runAsWorker(async (a, b) => a + b);
 * ```
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as synckit's, so that type arguments fit
export function runAsWorker<T extends AnyFn<Promise<R> | R>, R = ReturnType<T>>(fn: T): void {
  (globalThis as { [registrySymbol]?: Registry })[registrySymbol]?.register(fn);
}

/** Collects what is written to this thread's streams, instead of writing it. */
export const overrideStdio = (stdio: StdioChunk[]): void => {
  for (const type of ['stdout', 'stderr'] as const) {
    process[type]._writev = (chunks, done) => {
      for (const { chunk, encoding } of chunks) {
        stdio.push({ type, chunk: chunk as Uint8Array | string, encoding });
      }
      done();
    };
  }
};
