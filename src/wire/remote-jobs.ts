import { AsyncLocalStorage } from 'node:async_hooks';

/** A coroutine that came from a queue, as the code that runs in it sees it. */
export interface RemoteJob {
  /** Aborted when nobody waits for it any more, and when its worker stops. */
  readonly signal: AbortSignal;
  /** Has its coroutine ended? What that has left running is no part of the job any more. */
  isOver: boolean;
}

/** What `palitra/loop` finds in a process that executes jobs of a queue. */
export interface JobHost {
  readonly storage: AsyncLocalStorage<RemoteJob>;
  /** Coroutines that have been started and have not ended. */
  running: number;
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
  const host = getJobHost() ?? {
    storage: new AsyncLocalStorage<RemoteJob>(),
    running: 0,
    cleanUps: [],
  };
  (globalThis as Record<symbol, unknown>)[hostSymbol] = host;
  return host;
}

/** The job whose coroutine is running. */
export function currentJob(): RemoteJob | undefined {
  const job = getJobHost()?.storage.getStore();
  return job?.isOver === true ? undefined : job;
}
