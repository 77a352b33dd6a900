import { AsyncLocalStorage } from 'node:async_hooks';

/** A coroutine that came from a queue, as the code that runs in it sees it. */
export interface RemoteJob {
  /** Aborted when nobody waits for it any more, and when its worker stops. */
  readonly signal: AbortSignal;
}

/** What `palitra/loop` finds in a process that executes jobs of a queue. */
export interface JobHost {
  readonly storage: AsyncLocalStorage<RemoteJob>;
  /** What was given to `onShutdown()`. */
  readonly cleanUps: (() => unknown)[];
}

/** The serving code and the user's modules may have copies of the package each; they meet here. */
const hostSymbol = Symbol.for('palitra.jobHost');

/** Undefined where nothing is served. */
export function getJobHost(): JobHost | undefined {
  return (globalThis as Record<symbol, unknown>)[hostSymbol] as JobHost | undefined;
}

export function installJobHost(): JobHost {
  const host = getJobHost() ?? { storage: new AsyncLocalStorage<RemoteJob>(), cleanUps: [] };
  (globalThis as Record<symbol, unknown>)[hostSymbol] = host;
  return host;
}

/** The job whose coroutine is running. */
export function currentJob(): RemoteJob | undefined {
  return getJobHost()?.storage.getStore();
}
