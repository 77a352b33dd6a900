import { TimeoutError } from '../errors.ts';
import { deadlineOption, type IterateOptions } from '../options.ts';
import { nowMs } from '../wire/clock.ts';

/** When a response and its body have to have come, and by what they may be given up. */
export class FetchLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly #url: string;
  /** On the clock of `performance.now()`. */
  readonly #deadline: number;

  constructor(timeoutMs: number, signal: AbortSignal | undefined, url: string) {
    this.timeoutMs = timeoutMs;
    this.signal = signal;
    this.#url = url;
    this.#deadline = nowMs() + timeoutMs;
  }

  /**
   * Blocks for a part of the response, by a call that takes these options.
   *
   * @throws {TimeoutError} when the time is over, now or then; or the reason of the signal.
   */
  within<T>(part: string, call: (options: IterateOptions) => T): T {
    this.signal?.throwIfAborted();
    const left = this.#deadline - nowMs();
    if (left <= 0) throw this.#late(part, undefined);
    try {
      return call({
        // Without one of its own, the runner's holds.
        timeout: left === Infinity ? undefined : Math.ceil(left),
        [deadlineOption]: this.#deadline,
        signal: this.signal,
      });
    } catch (error) {
      if (this.#isLate(error)) throw this.#late(part, error);
      throw error;
    }
  }

  /** For what nobody waits for the result of: when the time is over, so be it. */
  regardless(call: () => unknown): void {
    try {
      call();
    } catch (error) {
      if (!this.#isLate(error)) throw error;
    }
  }

  /** Of this thread's clock, or the loop thread's, which closes the connection by itself. */
  #isLate(error: unknown): boolean {
    return (
      nowMs() >= this.#deadline &&
      (error as Error | undefined)?.name === 'TimeoutError' &&
      !(this.signal?.aborted === true && error === this.signal.reason)
    );
  }

  #late(part: string, cause: unknown): TimeoutError {
    return new TimeoutError(
      `${part} of ${this.#url} had not come after ${this.timeoutMs} ms. The connection has been closed.`,
      cause === undefined ? undefined : { cause },
    );
  }
}
