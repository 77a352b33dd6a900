import { NeverSettledError } from '../errors.ts';
import type { LoopCall } from './call.ts';
import type { LoopChannel } from './channel.ts';
import { waitsForLock } from '../runtime/web-locks.ts';
import { clearTimeout, setImmediate, setTimeout } from '../wire/clock.ts';

/** How often a loop thread that waits for a lock looks whether its holder has died. */
const LOCK_MS = 250;

/** What has to be known of the loop thread. */
interface Surroundings {
  channels(): readonly LoopChannel[];
  /** Could a thread call that never has? */
  isAwaited(): boolean;
  /** Makes the loop look for messages, and says whether there are any. */
  lookAgain(): boolean;
}

/**
 * Finds coroutines that wait for what can never come. While every caller is blocked in this loop, the
 * ports that could wake it are unref'ed as it goes to sleep; if nothing else keeps the event loop alive,
 * it drains, and Node emits `beforeExit`. Then nothing can happen here any more but what a caller does,
 * and the callers are waiting for this thread.
 *
 * Seen on Node 20 to 26 and Bun. Deno has no such event: there the thread ends, and the next call starts
 * another one (docs/discoveries).
 */
export class NeverSettled {
  readonly #loop: Surroundings;
  #areUnrefed = false;

  constructor(loop: Surroundings) {
    this.#loop = loop;
  }

  start(): void {
    process.on('beforeExit', () => this.#onDrained());
  }

  /** The loop is going to sleep, and has said so: a caller that blocks later wakes it to look again. */
  lookAround(): void {
    const shouldUnref = this.#areAllBlocked() && !this.#loop.isAwaited();
    if (!shouldUnref && !this.#areUnrefed) return;
    this.#areUnrefed = shouldUnref;
    // Also if they are already: a caller may have come meanwhile, and be stranded by now.
    for (const { ends } of this.#loop.channels()) {
      if (shouldUnref) ends.wake.unref();
      else ends.wake.ref();
    }
  }

  #onDrained(): void {
    if (!this.#areUnrefed) return;
    this.#areUnrefed = false;
    for (const { ends } of this.#loop.channels()) ends.wake.ref();
    // The next coroutine may come and be stranded before Node looks whether the loop is alive now. With
    // its ports unref'ed once more the thread would end: it must turn in between.
    setImmediate(() => undefined);
    const lock = waitsForLock();
    if (lock === undefined) this.#failStranded();
    else void this.#failUnless(lock);
  }

  /** Whoever holds the lock that a coroutine waits for may give it back. Nobody tells when it dies. */
  async #failUnless(lock: Promise<boolean>): Promise<void> {
    const timer = setTimeout(() => this.lookAround(), LOCK_MS);
    if (await lock) return;
    clearTimeout(timer);
    this.#failStranded();
  }

  #failStranded(): void {
    const stranded = this.#loop.channels().map((channel) => channel.strandedCalls());
    // A caller says that it sleeps after it has published its last message, and CALL_SEQ is read after that:
    // nothing is on its way from those who are stranded, if there is no news now.
    if (this.#loop.lookAgain() || !this.#areAllBlocked()) return;
    // Who has connected since this loop went to sleep could still bring it.
    if (this.#loop.isAwaited()) return;
    this.#fail(stranded);
  }

  /** For the last moment of a thread that ends when its loop has drained. */
  failStranded(): void {
    if (this.#areUnrefed)
      this.#fail(this.#loop.channels().map((channel) => channel.strandedCalls()));
  }

  /** Each thread in one of its channels: it does nothing in the others either. */
  #areAllBlocked(): boolean {
    const channels = this.#loop.channels();
    const isStranded = (channel: LoopChannel): boolean => channel.strandedCalls().length > 0;
    return channels.every(
      (channel) =>
        isStranded(channel) ||
        channels.some(
          (other) => other.caller.threadId === channel.caller.threadId && isStranded(other),
        ),
    );
  }

  #fail(stranded: readonly (readonly LoopCall[])[]): void {
    for (const [index, channel] of this.#loop.channels().entries()) {
      for (const call of stranded[index]!) {
        const error = new NeverSettledError(
          `${call.label} waits for something that can never come: nothing is left on its event loop, no timer, no socket, no callback, that could settle it. ` +
            'Look for a promise whose resolve is never called, or an event that is not emitted; unref()ed timers do not count.',
        );
        call.abort(error);
        channel.fail(call, error);
      }
    }
  }
}
