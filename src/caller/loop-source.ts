import type { RunnerToken } from '../token.ts';
import type { RemoteLoop } from './remote-loop.ts';

/** Where a runner gets its loop thread from: it has started one, or has the token of a runner that did. */
export interface LoopSource {
  /** What a call may take that names no `timeout`, in milliseconds. */
  readonly timeoutMs: number;
  readonly isClosed: boolean;
  /** Other threads have been given a token: it goes on when nobody here holds the runner any more. */
  readonly isShared: boolean;
  /** The loop thread, if there is one. */
  readonly current: RemoteLoop | undefined;
  /**
   * A loop thread that can take a call: started, replaced or joined if need be. It may block for
   * `timeoutMs`.
   *
   * @throws {RunnerClosedError} after `close()`.
   */
  use(timeoutMs: number): RemoteLoop;
  /** What another thread needs to use the same loop thread. */
  share(): RunnerToken;
  /** Blocks until the loop thread, or this thread's part in it, has ended. */
  close(): void;
  /** As {@link close}, without blocking. */
  closeSoon(): Promise<void>;
}
