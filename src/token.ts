import type { LifeMark } from './wire/life-mark.ts';

/**
 * What `runner.share()` returns: plain data that can be posted to any worker thread of this process, as
 * often as you like, and that `EventLoopThreadRunner.connect()` takes there.
 *
 * @example
 * ```js
 * import { EventLoopThreadRunner } from 'palitra';
 *
 * const runner = new EventLoopThreadRunner({ name: 'db' });
 * const token = runner.share(); // new Worker(file, { workerData: token }), or worker.postMessage(token)
 * console.log(token.name); // db
 * runner.close();
 * ```
 */
export interface RunnerToken {
  readonly palitra: 'runner';
  /** The runner's name. */
  readonly name: string;
  /** @internal The name under which its loop thread can be found. */
  readonly door: string;
  /** @internal */
  readonly memory: SharedArrayBuffer;
  /** @internal One word: has a runner been made from this token? */
  readonly used: SharedArrayBuffer;
  /** @internal */
  readonly graph: SharedArrayBuffer;
  /** @internal By which others see that the owner's thread lives. */
  readonly life: LifeMark | undefined;
  /** @internal */
  readonly timeoutMs: number;
  /** @internal */
  readonly shouldSpin: boolean;
}

/** @throws {TypeError} when it is not what `share()` returned. */
export function checkToken(token: unknown): RunnerToken {
  const { palitra, memory } = (token ?? {}) as Partial<RunnerToken>;
  if (palitra === 'runner' && memory instanceof SharedArrayBuffer) return token as RunnerToken;
  throw new TypeError(
    'EventLoopThreadRunner.connect() takes what runner.share() returned: post that to this thread, with postMessage() or as workerData.',
  );
}
