import { hostGlobal } from './host.ts';
import { succeed } from './succession.ts';

/**
 * Process exit by any road that runs `exit` handlers: each loop thread of this thread is closed, so that
 * its clean-up is awaited. A loop thread does not do this by itself when its parent ends.
 */
interface Closable {
  closeAtExit(): void;
  /** As `closeAtExit()`, without blocking, and while the process goes on. */
  retire(): void;
}

const live = new Set<Closable>();
let hasClosedAll = false;
let leave: (() => void) | undefined;

/**
 * Has the process got so far in its exit that {@link closeAtExit} does nothing any more? A listener that
 * is added while `exit` is being emitted is not called.
 */
export function isTooLateToCloseAtExit(): boolean {
  const { process } = hostGlobal();
  const isExiting = (process as { readonly _exiting?: boolean })._exiting === true;
  return hasClosedAll || (isExiting && live.size === 0);
}

export function closeAtExit(loop: Closable): void {
  if (live.size === 0) {
    // On a loop thread its last words come first: whoever is blocked for it need not wait for what it owns.
    hostGlobal().process.on('exit', closeAll);
    leave = succeed(retireAll);
  }
  live.add(loop);
}

export function forgetAtExit(loop: Closable): void {
  if (!live.delete(loop) || live.size > 0) return;
  hostGlobal().process.off('exit', closeAll);
  leave?.();
}

function retireAll(): void {
  for (const loop of live) loop.retire();
}

function closeAll(): void {
  hasClosedAll = true;
  let failure: { readonly error: unknown } | undefined;
  for (const loop of live) {
    try {
      loop.closeAtExit();
    } catch (error) {
      // The clean-up of the others is not to be lost with it.
      failure ??= { error };
    } finally {
      live.delete(loop);
    }
  }
  if (failure !== undefined) throw failure.error;
}
