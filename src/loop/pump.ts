import { publishWord, readWord } from '../wire/atomics.ts';
import { BELL, LOOP_SLEEPS } from '../wire/layout.ts';
import { NativePromise, whenSettled } from '../wire/natives.ts';
import type { Spinner } from '../wire/spin.ts';
import { nowMs, setImmediate } from '../wire/clock.ts';

/** The loop's own timers and sockets get a turn at least this often during hot calls. */
const TURN_MS = 0.5;
/** So many rounds of microtasks a coroutine may take before it counts as waiting for something. */
const QUIET_ROUNDS = 32;

/** What the pump moves. */
export interface PumpWork {
  /** Takes every message that has arrived and starts what it asks for. */
  drain(): void;
  /** Coroutines that have been started and have not ended. */
  inFlight(): number;
  /** LOOP_SLEEPS has been set to 1: whatever a caller does from now on, it will wake this thread. */
  afterAnnouncing(): void;
}

/**
 * Decides what the loop thread does between calls: look for the next one, let promises and the event
 * loop proceed, or sleep. It is always in one of four states:
 *
 * - **ticking**: a promise is settled whose reaction looks at the bell, behind those of the coroutines;
 * - **spinning**: nothing is in flight, so the microtask keeps looking for a while;
 * - **turning**: a `setImmediate` is queued, and the event loop runs once in between;
 * - **sleeping**: LOOP_SLEEPS is 1, and whoever rings the bell posts to a port as well.
 *
 * In the first three LOOP_SLEEPS is 0, and the bell will be looked at without anybody's help.
 */
export class Pump {
  readonly #control: Int32Array;
  readonly #spinner: Spinner;
  readonly #work: PumpWork;
  #isActive = false;
  #bell = 0;
  #quiet = 0;
  #hasReplied = false;
  #turnStart = 0;
  /** Until when the bell is looked at between turns, while other coroutines are in flight. */
  #coastUntil = 0;
  #queueTick!: () => void;

  constructor(control: Int32Array, spinner: Spinner, work: PumpWork) {
    this.#control = control;
    this.#spinner = spinner;
    this.#work = work;
    this.#arm();
  }

  /**
   * The next tick runs in the async context of the place where it is armed: at the start of the thread,
   * and from then on where the last tick began. What a coroutine has in its `AsyncLocalStorage`s, even by
   * `enterWith()`, is not there for the next call.
   */
  #arm(): void {
    const next = new NativePromise<void>((resolve) => {
      this.#queueTick = resolve;
    });
    whenSettled(next, this.#tick);
  }

  /** A caller has posted to a port because LOOP_SLEEPS was 1. */
  wake(): void {
    if (!this.#isActive) this.#beginTurn();
  }

  /** The event loop has run dry: is there a message that nobody announced? If so, it is taken now. */
  lookAgain(): boolean {
    if (this.#isActive) return true;
    if (readWord(this.#control, BELL) === this.#bell) return false;
    this.#beginTurn();
    return true;
  }

  /**
   * A reply is about to be published. The caller's next message may follow at once, so the sleep is
   * called off first: cleared any later, the caller would send a wake-up that nobody needs.
   */
  beforeReply(): void {
    this.#hasReplied = true;
    if (this.#isActive) return;
    this.#isActive = true;
    this.#turnStart = nowMs();
    publishWord(this.#control, LOOP_SLEEPS, 0);
    this.#queueTick();
  }

  #beginTurn = (): void => {
    this.#isActive = true;
    this.#turnStart = nowMs();
    publishWord(this.#control, LOOP_SLEEPS, 0);
    this.#queueTick();
  };

  #tick = (): void => {
    this.#arm();
    for (;;) {
      const bell = readWord(this.#control, BELL);
      if (bell !== this.#bell) {
        this.#bell = bell;
        this.#quiet = 0;
        this.#hasReplied = false;
        this.#coastUntil = 0;
        this.#work.drain();
        this.#tickLater();
        return;
      }
      if (this.#work.inFlight() > 0) {
        this.#quiet += 1;
        if (this.#quiet < QUIET_ROUNDS) this.#tickLater();
        else this.#coast();
        return;
      }
      const latest = this.#turnStart + TURN_MS;
      if (!this.#spinner.untilChanged(this.#control, BELL, bell, latest)) {
        // Cut short by the turn that is due, rather than in vain.
        if (this.#spinner.hasBudgetLeft) setImmediate(this.#beginTurn);
        else this.#sleep();
        return;
      }
    }
  };

  #tickLater(): void {
    if (nowMs() - this.#turnStart > TURN_MS) setImmediate(this.#beginTurn);
    else this.#queueTick();
  }

  /**
   * Something in flight waits for its timer or socket. If a call has just been answered the next one is
   * likely near, so the bell is looked at once in every turn of the event loop for a while.
   */
  #coast(): void {
    const now = nowMs();
    if (this.#hasReplied && this.#spinner.shouldTry()) {
      this.#hasReplied = false;
      this.#coastUntil = now + TURN_MS;
    }
    if (now < this.#coastUntil) setImmediate(this.#beginTurn);
    else this.#sleep();
  }

  /** Announce first, look again after: a bell rung before the announcement is seen here. */
  #sleep(): void {
    this.#quiet = 0;
    this.#isActive = false;
    publishWord(this.#control, LOOP_SLEEPS, 1);
    this.#work.afterAnnouncing();
    if (readWord(this.#control, BELL) === this.#bell) return;
    this.#isActive = true;
    publishWord(this.#control, LOOP_SLEEPS, 0);
    this.#queueTick();
  }
}
