import { publishWord, sleepWhile } from '../wire/atomics.ts';
import { LOOP_IN_EVENT_LOOP, LOOP_NAPS, LOOP_SLEEPS } from '../wire/layout.ts';
import { NativePromise, whenSettled } from '../wire/natives.ts';
import type { News, Spinner } from '../wire/spin.ts';
import { nowMs, setImmediate } from '../wire/clock.ts';

/** The loop's own timers and sockets get a turn at least this often during hot calls. */
const TURN_MS = 0.5;
/** So long after a call the next one is near enough to be waited for in naps. */
const NAPPING_MS = 30;
/** So many rounds of microtasks a coroutine may take before it counts as waiting for something. */
const QUIET_ROUNDS = 32;

/** What the pump moves. */
export interface PumpWork {
  /** What all callers have sent. */
  readonly news: News;
  /** Takes every message that has arrived and starts what it asks for. */
  drain(): void;
  /** Are there coroutines that have been started and have not ended? */
  hasInFlight(): boolean;
  /** The event loop has turned: nothing is on the stack. */
  repair(): void;
  /** LOOP_SLEEPS has been set to 1: whatever a caller does from now on, it will wake this thread. */
  afterAnnouncing(): void;
}

/**
 * Decides what the loop thread does between calls: look for the next one, let promises and the event
 * loop proceed, or sleep. It is always in one of five states:
 *
 * - **ticking**: a promise is settled whose reaction looks for messages, behind those of the coroutines;
 * - **spinning**: nothing is in flight, so the microtask keeps looking for a while;
 * - **turning**: a `setImmediate` is queued, and the event loop runs once in between;
 * - **napping**: nothing is in flight and the last call was a moment ago: the thread sleeps on LOOP_SLEEPS, which is
 *   2, for the time of a turn. A notify wakes it in half the time that a port takes to turn an event loop;
 * - **sleeping**: LOOP_SLEEPS is 1, and whoever publishes a message posts to a port as well.
 *
 * In the first three LOOP_SLEEPS is 0, and messages will be looked for without anybody's help.
 */
export class Pump {
  readonly #control: Int32Array;
  readonly #spinner: Spinner;
  readonly #work: PumpWork;
  #isActive = false;
  #quiet = 0;
  #hasReplied = false;
  #turnStart = 0;
  /** Until when messages are looked for between turns, while other coroutines are in flight. */
  #coastUntil = 0;
  #napUntil = 0;
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
    whenSettled(new NativePromise<void>(this.#keepResolve), this.#tick);
  }

  #keepResolve = (resolve: () => void): void => {
    this.#queueTick = resolve;
  };

  /** A caller has posted to a port because LOOP_SLEEPS was 1. */
  wake(): void {
    if (!this.#isActive) this.#beginTurn();
  }

  /** The event loop has run dry: is there a message that nobody announced? If so, it is taken now. */
  lookAgain(): boolean {
    if (this.#isActive) return true;
    if (!this.#work.news.hasNews) return false;
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
    this.#work.repair();
    this.#isActive = true;
    this.#turnStart = nowMs();
    publishWord(this.#control, LOOP_SLEEPS, 0);
    this.#queueTick();
  };

  #tick = (): void => {
    this.#arm();
    // Asked here and not as the tick is queued: then it would stand between a call and its reply.
    const now = nowMs();
    if (now - this.#turnStart > TURN_MS) {
      setImmediate(this.#beginTurn);
      return;
    }
    const { news } = this.#work;
    const isBusy = this.#work.hasInFlight();
    const latest = this.#turnStart + TURN_MS;
    if (isBusy ? news.hasNews : news.mayHaveNews || this.#spinner.untilNews(news, latest)) {
      this.#quiet = 0;
      this.#hasReplied = false;
      this.#coastUntil = 0;
      this.#napUntil = now + NAPPING_MS;
      this.#spinner.warmUp();
      this.#work.drain();
      this.#queueTick();
    } else if (isBusy) {
      this.#quiet += 1;
      if (this.#quiet < QUIET_ROUNDS) this.#queueTick();
      else this.#coast();
    } else if (this.#spinner.hasBudgetLeft) {
      // Cut short by the turn that is due, rather than in vain.
      setImmediate(this.#beginTurn);
    } else if (now < this.#napUntil) {
      this.#nap(latest - now);
    } else {
      this.#sleep();
    }
  };

  /** As {@link #sleep}, for as long as the loop's own timers and sockets can wait, which have their turn then. */
  #nap(ms: number): void {
    publishWord(this.#control, LOOP_SLEEPS, LOOP_NAPS);
    if (!this.#work.news.hasNews) sleepWhile(this.#control, LOOP_SLEEPS, LOOP_NAPS, ms);
    publishWord(this.#control, LOOP_SLEEPS, 0);
    if (this.#work.news.hasNews) this.#queueTick();
    else setImmediate(this.#beginTurn);
  }

  /**
   * Something in flight waits for its timer or socket. If a call has just been answered the next one is
   * likely near, so it is looked for once in every turn of the event loop for a while.
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

  /** Announce first, look again after: what was published before the announcement is seen here. */
  #sleep(): void {
    this.#quiet = 0;
    this.#isActive = false;
    publishWord(this.#control, LOOP_SLEEPS, LOOP_IN_EVENT_LOOP);
    this.#work.afterAnnouncing();
    if (!this.#work.news.hasNews) return;
    this.#isActive = true;
    publishWord(this.#control, LOOP_SLEEPS, 0);
    this.#queueTick();
  }
}
