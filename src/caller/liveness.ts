import type { MessagePort } from 'node:worker_threads';
import { passThroughPort } from '../wire/natives.ts';
import { isNode } from '../runtime/which.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import { isAlive, lifeOf } from '../wire/life-mark.ts';

/**
 * Tells a blocked thread whether another one still lives. A thread that runs out of memory or aborts
 * runs no more JavaScript, and its `exit` event needs the very event loop that is blocked. But its ports
 * die with it: a port whose other end is gone is closed, and a closed port cannot be transferred.
 *
 * Works on Node 20 to 26. In Bun and Deno ports show nothing; there the loop thread has written down which
 * thread of the system it is (docs/discoveries/threads-in-bun-and-deno.md).
 */
export class Liveness {
  #port: MessagePort;
  readonly #control: Int32Array;
  readonly #isThere: (() => boolean) | undefined;

  constructor(port: MessagePort, control: Int32Array, isThere: (() => boolean) | undefined) {
    this.#port = port;
    this.#control = control;
    this.#isThere = isThere;
  }

  /** Is the thread at the other end still there? Takes some microseconds. */
  check(): boolean {
    if (!isNode) return this.#isThreadAlive();
    try {
      // Gives the port a chance to notice that its other end has gone.
      workerThreads().receiveMessageOnPort(this.#port);
      this.#port = passThroughPort(this.#port, [this.#port]);
      return true;
    } catch {
      return false;
    }
  }

  #isThreadAlive(): boolean {
    const mark = lifeOf(this.#control);
    if (mark !== undefined) return isAlive(mark);
    // It has not begun, or has ended before it did.
    return this.#isThere?.() ?? true;
  }

  close(): void {
    try {
      this.#port.close();
    } catch {
      // Closed already, by the end of the other thread.
    }
  }
}
