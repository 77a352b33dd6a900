import { MAX_TIMER_MS } from '../wire/timer.ts';
import type { LoopCall } from './call.ts';
import { nowMs, setInterval } from '../wire/clock.ts';

/** Between these, a tenth of the threshold: by how much a report may be too short. */
const SHORTEST_PERIOD_MS = 1;
const LONGEST_PERIOD_MS = 50;

/** Tells which coroutine keeps the event loop from turning, and for how long. */
export class BlockWatch {
  readonly #thresholdMs: number;
  readonly #periodMs: number;
  readonly #unended: () => readonly LoopCall[];
  readonly #report: (name: string, ms: number) => void;
  /** Coroutines that ended when the loop had not turned for too long: no timer fires before they are gone. */
  readonly #endedLate = new Set<string>();
  #lastTurn = nowMs();

  constructor(
    thresholdMs: number,
    unended: () => readonly LoopCall[],
    report: (name: string, ms: number) => void,
  ) {
    this.#thresholdMs = thresholdMs;
    const periodMs = Math.min(Math.max(SHORTEST_PERIOD_MS, thresholdMs / 10), LONGEST_PERIOD_MS);
    this.#periodMs = Math.min(periodMs, MAX_TIMER_MS);
    this.#unended = unended;
    this.#report = report;
  }

  /** A timer that comes late says that the loop did not turn. */
  start(): void {
    setInterval(() => {
      this.#check();
      this.#beginTurn();
    }, this.#periodMs).unref();
  }

  /** Watches a coroutine that has just come. Whatever has kept the loop from turning so far, it was not this one. */
  observe(call: LoopCall): void {
    this.#check();
    call.onSettled(() => {
      if (this.#lateMs() > this.#thresholdMs) this.#endedLate.add(call.label);
    });
  }

  /** Runs the first part of a coroutine, up to its first `await`: if that is long, it was this one. */
  runStart(call: LoopCall, body: () => unknown): unknown {
    const startedAt = nowMs();
    try {
      return body();
    } finally {
      const ms = nowMs() - startedAt;
      if (ms > this.#thresholdMs) this.#tell(call.label, ms);
    }
  }

  #check(): void {
    const lateMs = this.#lateMs();
    if (lateMs > this.#thresholdMs) this.#tell(this.#suspects(), lateMs);
  }

  #tell(name: string, ms: number): void {
    this.#beginTurn();
    this.#report(name, Math.round(ms));
  }

  #lateMs(): number {
    return nowMs() - this.#lastTurn - this.#periodMs;
  }

  #beginTurn(): void {
    this.#lastTurn = nowMs();
    this.#endedLate.clear();
  }

  /** Which of several it was cannot be known afterwards. */
  #suspects(): string {
    const names = new Set([...this.#endedLate, ...this.#unended().map((call) => call.label)]);
    return [...names].join(' or ') || '(no coroutine)';
  }
}
