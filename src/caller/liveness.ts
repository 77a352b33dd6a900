import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { passThroughPort } from '../wire/natives.ts';

/**
 * Tells a blocked thread whether another one still lives. A thread that runs out of memory or aborts
 * runs no more JavaScript, and its `exit` event needs the very event loop that is blocked. But its ports
 * die with it: a port whose other end is gone is closed, and a closed port cannot be transferred.
 *
 * Works on Node 20 to 26; on Bun and Deno it never finds anything (docs/discoveries).
 */
export class Liveness {
  #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Is the thread at the other end still there? Takes some microseconds. */
  check(): boolean {
    try {
      // Gives the port a chance to notice that its other end has gone.
      receiveMessageOnPort(this.#port);
      this.#port = passThroughPort(this.#port, [this.#port]);
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    try {
      this.#port.close();
    } catch {
      // Closed already, by the end of the other thread.
    }
  }
}
