/**
 * The median and the 99th percentile, in milliseconds.
 *
 * @example
 * ```ts
 * import type { Latency } from 'palitra/bullmq';
 *
 * export const describe = ({ p50, p99 }: Latency): string => `${p50} ms, 1 in 100 over ${p99} ms`;
 * ```
 */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/**
 * What `stats()` of a {@link QueueRunner} returns.
 *
 * @example
 * ```ts
 * import type { QueueRunner, QueueStats } from 'palitra/bullmq';
 *
 * export function isFallingBehind(runner: QueueRunner): boolean {
 *   const { depth, workers }: QueueStats = runner.stats({ timeout: 1_000 });
 *   return depth.waiting > 10 * workers;
 * }
 * ```
 */
export interface QueueStats {
  /** Jobs in the queue, of all runners, by BullMQ's names for their states. */
  readonly depth: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly prioritized: number;
    readonly completed: number;
    readonly failed: number;
  };
  /** Workers that are connected to the queue. */
  readonly workers: number;
  /** Jobs that this runner has added. */
  readonly calls: number;
  /** Of those, the ones that it waits for. */
  readonly inFlight: number;
  /** From adding a job to its result, over the last thousand calls. */
  readonly roundTrip: Latency;
  /** How long the coroutines of those calls ran. The rest was waiting and travelling. */
  readonly running: Latency;
}

const KEPT = 1_000;

/** The last so many durations. */
export class Durations {
  readonly #values: number[] = [];
  #next = 0;

  add(ms: number): void {
    this.#values[this.#next] = ms;
    this.#next = (this.#next + 1) % KEPT;
  }

  latency(): Latency {
    const sorted = this.#values.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  }
}
