import { DeadlockError } from '../errors.ts';
import { getLoopHost } from '../wire/loop-host.ts';
import { thread } from './thread.ts';
import { announceWait, learnGraph, makeGraph, waitsFor } from '../wire/wait-graph.ts';

let ownGraph: SharedArrayBuffer | undefined;

/** The graph in which the loop threads of this thread's runners are nodes. */
export function graphOfThisThread(): SharedArrayBuffer {
  return (ownGraph ??= getLoopHost()?.graph ?? makeGraph());
}

/** Keeps a loop thread from blocking for another one that is blocked for it. */
export class DeadlockGuard {
  readonly #own: number;
  /** The loop thread to be blocked for. */
  readonly node: number;
  readonly #name: string;

  private constructor(own: number, target: number, name: string) {
    this.#own = own;
    this.node = target;
    this.#name = name;
  }

  /** Undefined on a thread that nobody can be blocked for, because it is no loop thread. */
  static for(target: number, name: string): DeadlockGuard | undefined {
    const host = getLoopHost();
    if (host === undefined || host.node === 0 || target === 0) return undefined;
    learnGraph(host.graph);
    return new DeadlockGuard(host.node, target, name);
  }

  /** @throws {DeadlockError} when the other loop thread is blocked for this one. */
  check(): void {
    if (!waitsFor(this.node, this.#own)) return;
    const what =
      this.node === this.#own
        ? `this code runs on the loop thread "${this.#name}", and was to block for it`
        : `this code runs on a loop thread that "${this.#name}" is blocked for, and was to block for that one`;
    throw new DeadlockError(
      `Neither could ever go on: ${what}. On a loop thread, await the async function itself instead of run(); or await createTask(…).`,
    );
  }

  /**
   * Announces that this thread will be blocked, and looks after that: of two that block for each other at
   * the same moment, the later one sees the earlier.
   *
   * @throws {DeadlockError} as {@link check}.
   */
  enter(): void {
    announceWait(this.#own, this.node);
    this.check();
  }

  /** From here on this thread is blocked for what it was blocked for before, if for anything. */
  leave(): void {
    announceWait(this.#own, thread.blockedFor);
  }
}
