import { getSignal } from '../loop/index.ts';
import { clearTimeout } from '../wire/clock.ts';
import { startTimer } from '../wire/timer.ts';

/**
 * A request and its response, on the loop thread: what ends its connection before its time. That is
 * whichever call waits for a part of it and is aborted, or the deadline, when nobody waits.
 */
export class Exchange {
  readonly #controller = new AbortController();
  readonly #deadline: NodeJS.Timeout | undefined;
  /** Copies of the response that have not been read to their end. */
  #open = 1;

  constructor(timeoutMs: number) {
    if (timeoutMs === Infinity) return;
    const late = new DOMException('The response was not read in time.', 'TimeoutError');
    this.#deadline = startTimer(() => this.abort(late), timeoutMs);
    this.#deadline.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Is there a copy of the response besides the one that asks? */
  get isShared(): boolean {
    return this.#open > 1;
  }

  share(): this {
    this.#open += 1;
    return this;
  }

  /** One copy of the response is done with. */
  end(): void {
    this.#open -= 1;
    if (this.#open === 0) clearTimeout(this.#deadline);
  }

  abort(reason: unknown): void {
    clearTimeout(this.#deadline);
    this.#controller.abort(reason);
  }

  /** Aborting the call that waits for this aborts the exchange, or does what `giveUp` says. */
  async during<T>(body: () => Promise<T>, giveUp: () => void = () => this.#giveUp()): Promise<T> {
    const signal = getSignal();
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    try {
      return await body();
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Who reads another copy of the response goes on. */
  #giveUp(): void {
    if (!this.isShared) this.abort(getSignal().reason);
  }
}
