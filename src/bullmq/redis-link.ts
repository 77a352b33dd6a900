import type { RedisClient } from 'bullmq';
import { QueueConnectionError } from './errors.ts';
import { startTimer } from '../wire/timer.ts';
import { settlesWithin } from './settles-within.ts';

/** How the link stands for a runner's or worker's connections to Redis, taken together. */
export class RedisLink {
  /** The last thing that a client complained of. */
  lastError: Error | undefined;
  readonly #where: string;
  readonly #timeoutMs: number;
  readonly #onLost: (error: QueueConnectionError) => void;
  readonly #onRestored: () => void;
  readonly #down = new Set<RedisClient>();
  #downSince = 0;
  #lastReplyAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /**
   * `onLost` is called when there has been no connection for so long, `onRestored` when there is one again,
   * however long it took.
   */
  constructor(
    where: string,
    timeoutMs: number,
    onLost: (error: QueueConnectionError) => void,
    onRestored: () => void,
  ) {
    this.#where = where;
    this.#timeoutMs = timeoutMs;
    this.#onLost = onLost;
    this.#onRestored = onRestored;
  }

  get isUp(): boolean {
    return this.#down.size === 0;
  }

  /** Is it down, and has been for so long that nobody should wait for it any more? */
  get failure(): QueueConnectionError | undefined {
    if (this.isUp || performance.now() - this.#downSince < this.#timeoutMs) return undefined;
    return this.error();
  }

  error(): QueueConnectionError {
    const reason = this.lastError === undefined ? '' : ` (${describeError(this.lastError)})`;
    return new QueueConnectionError(
      `There has been no connection to Redis at ${this.#where} for ${this.#timeoutMs} ms${reason}. ` +
        'Is it running, and is this its address? It is tried again for the next call; connectTimeout says how long calls wait.',
      { cause: this.lastError },
    );
  }

  /**
   * Waits for a reply, as long as there are replies at all.
   *
   * @throws {QueueConnectionError} when none has come for the time that calls wait: a connection can be open,
   * and nobody at its other end.
   */
  async reply<T>(promise: Promise<T>): Promise<T> {
    const askedAt = performance.now();
    for (;;) {
      const silentMs = performance.now() - Math.max(askedAt, this.#lastReplyAt);
      if (silentMs >= this.#timeoutMs) throw this.error();
      if (await settlesWithin(this.#timeoutMs - silentMs, promise)) break;
    }
    this.#lastReplyAt = performance.now();
    return promise;
  }

  watch(client: RedisClient): void {
    client.on('close', () => this.#lose(client));
    client.on('ready', () => this.#restore(client));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lose(client: RedisClient): void {
    if (this.#isClosed) return;
    if (this.#down.size === 0) {
      this.#downSince = performance.now();
      this.#timer = startTimer(() => this.#onLost(this.error()), this.#timeoutMs);
    }
    this.#down.add(client);
  }

  #restore(client: RedisClient): void {
    if (!this.#down.delete(client) || this.#down.size > 0 || this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#onRestored();
  }
}

/** An error of several addresses tried has no message of its own. */
function describeError(error: Error): string {
  const { errors } = error as AggregateError;
  if (error.message !== '' || !Array.isArray(errors)) return error.message || error.name;
  return errors.map((part: Error) => part.message).join(', ');
}
