import { CancelledError } from '../errors.ts';
import { ITEMS, RESULT, THROWN } from '../wire/messages.ts';
import type { LoopCall } from './call.ts';
import type { LoopChannel } from './channel.ts';
import { sourceOf, type Source, type Step } from './source.ts';
import { clearImmediate, setImmediate } from '../wire/clock.ts';

/** Items travel in batches of at most so many. */
const MAX_BATCH = 128;

/** Iterates the result of a coroutine for its caller, as far ahead as the caller has granted. */
export class Producer {
  readonly #channel: LoopChannel;
  readonly #call: LoopCall;
  readonly #source: Source;
  #granted = 0;
  #batch: unknown[] = [];
  #isStepping = false;
  #hasEnded = false;
  #flushing: NodeJS.Immediate | undefined;

  /** @throws {TypeError} when the value cannot be iterated. */
  constructor(channel: LoopChannel, call: LoopCall, value: unknown) {
    this.#channel = channel;
    this.#call = call;
    this.#source = sourceOf(value, call.label);
    call.onAbort(() => void this.#stop(undefined));
  }

  /** The caller has room for more items. */
  grant(count: number): void {
    this.#granted += count;
    void this.#produce();
  }

  /** Lock-step: one step, with what the caller sent. */
  async step(method: 'next' | 'throw', value: unknown): Promise<void> {
    if (this.#hasEnded) return;
    this.#isStepping = true;
    try {
      const result = await this.#advance(method, value);
      if (this.#take(result)) this.#flush();
    } catch (error) {
      this.#end(THROWN, error);
    } finally {
      this.#isStepping = false;
    }
  }

  /** The caller needs no more: runs the producer's clean-up, and answers when that has ended. */
  stop(value: unknown): void {
    if (this.#hasEnded) return;
    // An empty batch: the outcome that follows is that of the clean-up, not one that lay ahead.
    this.#send([]);
    void this.#stop(value);
  }

  async #stop(value: unknown): Promise<void> {
    if (this.#hasEnded) return;
    try {
      const result = await this.#cleanUp('was ended by its caller', value);
      this.#channel.reply(this.#call, RESULT, result === undefined ? value : result.value);
    } catch (error) {
      this.#channel.reply(this.#call, THROWN, error);
    }
  }

  /** Runs the producer's clean-up. One that is waiting for its next item learns of it by its signal. */
  async #cleanUp(why: string, value: unknown): Promise<Step | undefined> {
    this.#hasEnded = true;
    clearImmediate(this.#flushing);
    if (this.#isStepping) {
      this.#call.abort(new CancelledError(`The iteration of ${this.#call.label} ${why}.`));
    }
    const step = this.#source.iterator.return?.(value);
    if (this.#isStepping) this.#source.interrupt?.();
    return step;
  }

  async #produce(): Promise<void> {
    if (this.#isStepping || this.#hasEnded) return;
    this.#isStepping = true;
    const { iterator, isAsync } = this.#source;
    try {
      while (this.#granted > 0) {
        const step = iterator.next();
        const result = isAsync ? await step : (step as Step);
        if (!this.#take(result)) return;
        this.#granted -= 1;
        if (this.#batch.length >= MAX_BATCH || this.#granted === 0) this.#flush();
        else this.#flushing ??= setImmediate(() => this.#flush());
        if (this.#hasEnded) return;
      }
    } catch (error) {
      this.#end(THROWN, error);
    } finally {
      this.#isStepping = false;
    }
  }

  async #advance(method: 'next' | 'throw', value: unknown): Promise<Step> {
    const { iterator } = this.#source;
    if (method === 'next') return iterator.next(value);
    if (iterator.throw !== undefined) return iterator.throw(value);
    // As `yield*` does with an iterator that cannot be thrown into.
    await iterator.return?.();
    throw value;
  }

  /** Puts an item into the batch; false when there are no more. */
  #take(result: Step): boolean {
    if (this.#hasEnded) return false;
    if (result.done === true) {
      this.#end(RESULT, result.value);
      return false;
    }
    this.#batch.push(result.value);
    return true;
  }

  #end(kind: typeof RESULT | typeof THROWN, value: unknown): void {
    if (this.#hasEnded) return;
    this.#flush();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#channel.reply(this.#call, kind, value);
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const items = this.#batch;
    if (items.length === 0 || this.#hasEnded) return;
    this.#batch = [];
    try {
      this.#send(items);
    } catch {
      this.#sendUpToRefused(items);
    }
  }

  /** One of the items cannot cross, or its getter throws: those before it arrive, and in its place the error. */
  #sendUpToRefused(items: readonly unknown[]): void {
    try {
      for (const item of items) this.#send([item]);
    } catch (error) {
      const end = (): void => this.#channel.reply(this.#call, THROWN, error);
      this.#cleanUp('came upon an item that cannot cross', undefined).then(end, end);
    }
  }

  #send(items: readonly unknown[]): void {
    this.#channel.send(ITEMS, this.#call.id, false, (encoder) => {
      encoder.varint(items.length);
      for (const item of items) encoder.root(item, 'item');
    });
  }
}
