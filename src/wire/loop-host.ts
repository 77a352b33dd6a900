/**
 * What `palitra/loop` finds on the loop thread. The entry of the thread and the user's modules are
 * separate bundles, so they meet under a registered symbol.
 */
export interface LoopHost {
  /** Loop threads from the main thread down to this one. */
  readonly depth: number;
  /** This thread in the graph of who is blocked for whom, and the graph. */
  readonly node: number;
  readonly graph: SharedArrayBuffer;
  /** `palitra/loop` has been imported: from now on coroutines must know which one of them runs. */
  enableContext(): void;
  getSignal(): AbortSignal | undefined;
  /** For palitra's own coroutines, instead of a signal and before they await anything. */
  onAbort(handler: (reason: unknown) => void): void;
  onShutdown(cleanUp: () => unknown): void;
  started(value: unknown): void;
}

const hostSymbol = Symbol.for('palitra.loopHost');

/** The host of this thread; undefined on a thread that is not a loop thread. */
export function getLoopHost(): LoopHost | undefined {
  return (globalThis as Record<symbol, unknown>)[hostSymbol] as LoopHost | undefined;
}

export function installLoopHost(host: LoopHost): void {
  Object.defineProperty(globalThis, hostSymbol, { value: host });
}
