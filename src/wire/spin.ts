import { nowMs } from './clock.ts';

/** How many looks are taken between two looks at the clock. */
const LOOKS_PER_CLOCK = 64;
/** A spin in vain costs about as much as so many that succeed have saved, each of them a wake-up. */
const MISS_COST = 7;
const MOST_CREDIT = 6 * MISS_COST;
/** Without credit, one wait in so many is tried all the same; less and less often while it is in vain. */
const FIRST_PAUSE = 8;
const LONGEST_PAUSE = 256;

/**
 * So many times a thread waits before it looks for the first time. A program that makes a few calls, with other
 * work in between, gains nothing by a spin, and loses by it: two threads that look for each other leave two
 * processors no time for the engine's compilers, which such a program needs most.
 */
const COLD_WAITS = 300;
/** What a thread looks for: that another one has published something, or will never again. */
export interface News {
  readonly hasNews: boolean;
  /** The same by a cheaper look, which may be late: to be confirmed by `hasNews`. */
  readonly mayHaveNews: boolean;
}

/**
 * Looks for news for a while before its thread goes to sleep, because a wake-up costs ten times what
 * a call does. Whether that pays can only be found out: when the machine is busy, the two threads may
 * take turns on one processor, where each keeps the other from doing what it waits for. So successes
 * earn credit and misses cost it; out of credit the thread sleeps at once, but for a trial now and then.
 *
 * How long a sleep was says nothing: on a shared processor the answer comes *because* this side sleeps.
 */
export class Spinner {
  /** Was the last spin ended by `latest`, before its own time was up? */
  hasBudgetLeft = false;
  readonly #budgetMs: number;
  #credit = MOST_CREDIT;
  #pause = FIRST_PAUSE;
  #waitsToSkip = 0;
  #coldWaits = COLD_WAITS;

  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  /** True as soon as there is news; false when the time is up. */
  untilNews(source: News, latest = Infinity): boolean {
    this.hasBudgetLeft = false;
    if (!this.shouldTry()) return source.hasNews;
    let end = 0;
    for (;;) {
      for (let look = 0; look < LOOKS_PER_CLOCK; look++) {
        if (source.mayHaveNews) break;
      }
      if (source.hasNews) {
        this.#succeed();
        return true;
      }
      const now = nowMs();
      if (end === 0) end = Math.min(now + this.#budgetMs, latest);
      else if (now >= end) {
        this.hasBudgetLeft = end === latest;
        if (!this.hasBudgetLeft) this.#miss();
        return false;
      }
    }
  }

  /** There was something to wait for, and it has come: the more of that, the likelier there is more. */
  warmUp(): void {
    if (this.#coldWaits > 0) this.#coldWaits -= 1;
  }

  /** Is this wait one to be tried? */
  shouldTry(): boolean {
    if (this.#coldWaits > 0) return false;
    if (this.#waitsToSkip === 0) return this.#budgetMs > 0;
    this.#waitsToSkip -= 1;
    return false;
  }

  #succeed(): void {
    if (this.#credit < MOST_CREDIT) this.#credit += 1;
    // One lucky spin among misses is no reason to try again soon.
    if (this.#credit >= MISS_COST) this.#pause = FIRST_PAUSE;
  }

  #miss(): void {
    this.#credit = Math.max(0, this.#credit - MISS_COST);
    if (this.#credit > 0) return;
    this.#waitsToSkip = this.#pause;
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}
