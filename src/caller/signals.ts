import { webReaders } from '../wire/classify.ts';
import type { Encoder } from '../wire/encode.ts';
import { SIGNAL_ABORTED } from '../wire/messages.ts';
import { SIGNAL } from '../wire/tags.ts';

/** The connection, as far as signals need it. */
interface AbortSender {
  readonly failure: Error | undefined;
  send(kind: number, id: number, body: (encoder: Encoder) => void): void;
}

/** A signal that a call in flight was given, and how to listen no more. */
interface LentSignal {
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** The AbortSignals among the arguments of calls that have not ended: the loop thread is told when one aborts. */
export class LentSignals {
  readonly #sender: AbortSender;
  readonly #lent = new Map<number, LentSignal>();
  /** What was told of these, the loop thread may not have understood: their call had not gone out. */
  #unsent: number[] = [];

  constructor(sender: AbortSender) {
    this.#sender = sender;
  }

  /** Writes a signal, to be known by `id` until {@link end}. */
  encode(encoder: Encoder, id: number, signal: AbortSignal): void {
    const isAborted = webReaders.signal(signal);
    encoder.u8(SIGNAL);
    encoder.varint(id);
    encoder.u8(isAborted ? 1 : 0);
    if (isAborted) {
      encoder.contents(() => encoder.property('reason', signal.reason));
      return;
    }
    const tell = (): void => this.#tell(id, signal);
    signal.addEventListener('abort', tell, { once: true });
    this.#lent.set(id, { signal, stop: () => signal.removeEventListener('abort', tell) });
    this.#unsent.push(id);
  }

  /** Calls have gone out. A getter that ran while they were written may have aborted a signal among them. */
  afterPublish(): void {
    if (this.#unsent.length === 0) return;
    const sent = this.#unsent;
    this.#unsent = [];
    for (const id of sent) {
      const signal = this.#lent.get(id)?.signal;
      if (signal?.aborted === true) this.#tell(id, signal);
    }
  }

  /** The call that it was given to has ended, or was not sent. */
  end(id: number): void {
    this.#lent.get(id)?.stop();
    this.#lent.delete(id);
  }

  clear(): void {
    for (const id of this.#lent.keys()) this.end(id);
  }

  #tell(id: number, { reason }: AbortSignal): void {
    const sender = this.#sender;
    if (sender.failure !== undefined) return;
    try {
      sender.send(SIGNAL_ABORTED, id, (encoder) => encoder.root(reason, 'reason'));
    } catch {
      // A reason that cannot cross: abort all the same.
      sender.send(SIGNAL_ABORTED, id, (encoder) => encoder.root(undefined, 'reason'));
    }
  }
}
