import { nowMs } from '../wire/clock.ts';
/** How many round trips are remembered. */
const SAMPLES = 512;
/** The first runs are all timed, then one in so many. */
const EVERY = 16;

/** What a runner counts, over all loop threads that it has had. */
export class Statistics {
  calls = 0;
  callbacks = 0;
  restarts = 0;
  readonly #samples = new Float64Array(SAMPLES);
  #runs = 0;
  #count = 0;

  /** A `run` that was sent at this time has its outcome. */
  endRun(startedAt: number): void {
    this.#runs += 1;
    if (this.#runs > EVERY && this.#runs % EVERY !== 0) return;
    this.#samples[this.#count % SAMPLES] = (nowMs() - startedAt) * 1000;
    this.#count += 1;
  }

  /** In microseconds, of the runs timed most recently; 0 before there are any. */
  roundTrip(): { readonly p50: number; readonly p99: number } {
    const sorted = this.#samples.slice(0, Math.min(this.#count, SAMPLES)).sort();
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  }
}
