import { queueMicrotask } from '../wire/natives.ts';
import { inNoContext } from '../wire/no-context.ts';
import { hostGlobal, isExiting } from './host.ts';
import { succeed } from './succession.ts';

/**
 * Process exit, however it comes about, as long as `exit` handlers run: each loop thread of this thread is closed,
 * so that its clean-up is awaited. A loop thread does not do this by itself when its parent ends.
 */
interface Closable {
  closeAtExit(): void;
  /** As `closeAtExit()`, without blocking, and while the process goes on. */
  retire(): void;
}

/**
 * Closes loop threads after the last of the program's own `exit` listeners, which may still call them: it moves
 * behind each that is added. Several copies of the package have one of these, or they would overtake each other
 * for ever.
 */
class ExitWatch {
  readonly live = new Set<Closable>();
  hasClosedAll = false;
  /** The `exit` event comes before the platform prints the error: from there one must not leave early. */
  #isUncaught = false;

  add(loop: Closable): void {
    if (this.live.size === 0) {
      const { process } = hostGlobal();
      // On a loop thread its last words come first: whoever is blocked for it need not wait for what it owns.
      process.on('exit', this.#closeAll);
      process.on('newListener', this.#onListener);
      process.on('uncaughtExceptionMonitor', this.#onUncaught);
    }
    this.live.add(loop);
  }

  /** Was it there? */
  delete(loop: Closable): boolean {
    const wasThere = this.live.delete(loop);
    if (wasThere && this.live.size === 0) this.#stop();
    return wasThere;
  }

  #stop(): void {
    const { process } = hostGlobal();
    process.off('exit', this.#closeAll);
    process.off('newListener', this.#onListener);
    process.off('uncaughtExceptionMonitor', this.#onUncaught);
  }

  /** Told before the listener is added: so it is overtaken now by all others, and by this one in a moment. */
  readonly #onListener = (event: string | symbol, listener: unknown): void => {
    if (event !== 'exit' || listener === this.#closeAll) return;
    this.#moveBehind();
    inNoContext(() => queueMicrotask(this.#moveBehind));
  };

  readonly #moveBehind = (): void => {
    const { process } = hostGlobal();
    if (this.live.size === 0 || process.listeners('exit').at(-1) === this.#closeAll) return;
    process.off('exit', this.#closeAll);
    process.on('exit', this.#closeAll);
  };

  readonly #onUncaught = (): void => {
    this.#isUncaught = true;
  };

  readonly #closeAll = (code: number): void => {
    const { process } = hostGlobal();
    const listeners = process.rawListeners('exit');
    const later = listeners.slice(listeners.indexOf(this.#closeAll) + 1);
    if (later.length === 0 || this.#isUncaught) {
      this.#close();
      return;
    }
    // They were added in the same breath in which the program calls process.exit(). That would do nothing more now
    // but call them, and then this.
    try {
      for (const listener of later) Reflect.apply(listener, process, [code]);
    } finally {
      this.#close();
    }
    (process as unknown as { reallyExit(code: unknown): never }).reallyExit(
      process.exitCode ?? code,
    );
  };

  #close(): void {
    this.hasClosedAll = true;
    let failure: { readonly error: unknown } | undefined;
    for (const loop of this.live) {
      try {
        loop.closeAtExit();
      } catch (error) {
        // The clean-up of the others is not to be lost with it.
        failure ??= { error };
      } finally {
        this.live.delete(loop);
      }
    }
    if (failure !== undefined) throw failure.error;
  }
}

const key: unique symbol = Symbol.for('palitra.exit') as never;

function watch(): ExitWatch {
  const host = hostGlobal() as typeof globalThis & { [key]?: ExitWatch };
  if (host[key] === undefined) Object.defineProperty(host, key, { value: new ExitWatch() });
  return host[key]!;
}

/** Those of this copy of the package. */
const own = new Set<Closable>();
let leave: (() => void) | undefined;

/**
 * Has the process got so far in its exit that {@link closeAtExit} does nothing any more? A listener that
 * is added while `exit` is being emitted is not called.
 */
export function isTooLateToCloseAtExit(): boolean {
  return watch().hasClosedAll || (isExiting() && watch().live.size === 0);
}

export function closeAtExit(loop: Closable): void {
  watch().add(loop);
  own.add(loop);
  leave ??= succeed(() => {
    for (const loop of own) loop.retire();
  });
}

export function forgetAtExit(loop: Closable): void {
  watch().delete(loop);
  if (!own.delete(loop) || own.size > 0) return;
  leave?.();
  leave = undefined;
}
