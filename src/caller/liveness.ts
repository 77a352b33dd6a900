import type { MessagePort } from 'node:worker_threads';
import { isNode } from '../runtime/which.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import { isAlive, lifeOf } from '../wire/life-mark.ts';
import { inNoContext } from '../wire/no-context.ts';

/**
 * Tells a blocked thread whether another one still lives. A thread that runs out of memory or aborts
 * runs no more JavaScript, and its `exit` event needs the very event loop that is blocked. But its ports
 * die with it: a port whose other end is gone is closed, and a closed port cannot be transferred. It is
 * asked with a list that no port is ever moved by, since it stands there twice: what a moved one leaves
 * behind (10 KB) goes only when the event loop turns, which that of a blocked thread never does.
 *
 * Works on Node 20 to 26. In Bun and Deno ports show nothing; there the loop thread has written down which
 * thread of the system it is (docs/discoveries/threads-in-bun-and-deno.md).
 */
export class Liveness {
  readonly #port: MessagePort;
  /** Whom it is to be moved by. */
  #mover: MessagePort | undefined;
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
    // Gives the port a chance to notice that its other end has gone.
    workerThreads().receiveMessageOnPort(this.#port);
    this.#mover ??= inNoContext(() => new (workerThreads().MessageChannel)().port1);
    return refusalToMove(this.#mover, this.#port) === (ofLiving ??= refusalOfLiving());
  }

  #isThreadAlive(): boolean {
    const mark = lifeOf(this.#control);
    if (mark !== undefined) return isAlive(mark);
    // It has not begun, or has ended before it did.
    return this.#isThere?.() ?? true;
  }

  close(): void {
    this.#mover?.close();
    try {
      this.#port.close();
    } catch {
      // Closed already, by the end of the other thread.
    }
  }
}

/** What the platform says of a port that lives. */
let ofLiving: string | undefined;

function refusalOfLiving(): string {
  const { MessageChannel } = workerThreads();
  const [mover, living] = [new MessageChannel().port1, new MessageChannel().port1];
  const refusal = refusalToMove(mover, living);
  mover.close();
  living.close();
  return refusal;
}

function refusalToMove(mover: MessagePort, port: MessagePort): string {
  try {
    mover.postMessage(undefined, [port, port]);
  } catch (error) {
    const { name, message } = error as Error;
    // A stack that is full says nothing of the port.
    if (name !== 'DataCloneError') throw error;
    return message;
  }
  throw new Error('palitra: a port was moved that is listed twice');
}
