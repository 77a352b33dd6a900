import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import type { Reports } from './reports.ts';

/** Not yet begun; turning; or kept from it by code that does not await. */
export type LoopCondition = 'starting' | 'responding' | 'busy';

/** A loop thread, as a calling thread sees it. */
export interface RemoteLoop {
  readonly connection: Connection;
  /** Where what it reports goes; it reports to its owner only. */
  readonly reports: Reports | undefined;
  /** On the clock of `performance.now()`; for a loop thread of another thread's, when this one joined it. */
  readonly startedAt: number;
  readonly threadId: number;
  readonly isRunning: boolean;
  /** The share of time in which the loop thread was not waiting. Asks it, and blocks for the answer a little. */
  readonly utilization: number;
  /** Aborts a call, and remembers to ask whether the loop thread has noticed. */
  cancel(call: PendingCall, reason: unknown): void;
  /** What the loop thread is doing. Asks it, and blocks for the answer a little. */
  condition(): LoopCondition;
  /** If it is stuck with a call that was given up, it is of no use any more from here on. */
  failIfStuck(): void;
  /** Why the loop thread can answer no more, if so. Asked between slices of sleep. */
  checkDeath(): Error | undefined;
  /** The loop thread has said that it ends: what its calls fail with. */
  deathError(): Error;
  /** What was sent and what was not cannot be known any more: nothing more goes to it or comes from it. */
  breakOff(): void;
  /** Somebody awaits something from there, and is to learn of its death: a port that closes tells nobody. */
  ref(): void;
  unref(): void;
  /** How many ports and timers keep the event loop of this thread alive by {@link ref}, those of the connection included. */
  readonly heldBy: { readonly ports: number; readonly timers: number };
  /** This thread is not blocked for the loop thread any more. */
  afterWait(): void;
}
