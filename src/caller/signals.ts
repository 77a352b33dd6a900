import { webReaders } from '../wire/classify.ts';
import type { Encoder } from '../wire/encode.ts';
import { SIGNAL_ABORTED } from '../wire/messages.ts';
import { SIGNAL } from '../wire/tags.ts';

/** The connection, as far as signals need it. */
interface AbortSender {
  readonly failure: Error | undefined;
  send(kind: number, id: number, body: (encoder: Encoder) => void): void;
}

/** The numbers of a signal, one for each call that it was given to, and how to listen no more. */
interface Listening {
  readonly ids: Set<number>;
  stop(): void;
}

/** The AbortSignals among the arguments of calls that have not ended: the loop thread is told when one aborts. */
export class LentSignals {
  readonly #sender: AbortSender;
  readonly #signals = new Map<number, AbortSignal>();
  /** One listener is enough for all calls: more than ten would look like a leak. */
  readonly #listening = new Map<AbortSignal, Listening>();
  /** What was told of these, the loop thread may not have understood: their call had not gone out. */
  #unsent: number[] = [];

  constructor(sender: AbortSender) {
    this.#sender = sender;
  }

  has(id: number): boolean {
    return this.#signals.has(id);
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
    this.#signals.set(id, signal);
    this.#listenTo(signal).ids.add(id);
    this.#unsent.push(id);
  }

  /** Calls have gone out. A getter that ran while they were written may have aborted a signal among them. */
  afterPublish(): void {
    if (this.#unsent.length === 0) return;
    const sent = this.#unsent;
    this.#unsent = [];
    for (const id of sent) {
      const signal = this.#signals.get(id);
      if (signal?.aborted === true) this.#tell(id, signal);
    }
  }

  /** The call that it was given to has ended, or was not sent. */
  end(id: number): void {
    const signal = this.#signals.get(id);
    if (signal === undefined) return;
    this.#signals.delete(id);
    const listening = this.#listening.get(signal)!;
    listening.ids.delete(id);
    if (listening.ids.size > 0) return;
    listening.stop();
    this.#listening.delete(signal);
  }

  clear(): void {
    for (const id of this.#signals.keys()) this.end(id);
  }

  #listenTo(signal: AbortSignal): Listening {
    const known = this.#listening.get(signal);
    if (known !== undefined) return known;
    const ids = new Set<number>();
    const tell = (): void => {
      for (const id of ids) this.#tell(id, signal);
    };
    signal.addEventListener('abort', tell, { once: true });
    const listening = { ids, stop: () => signal.removeEventListener('abort', tell) };
    this.#listening.set(signal, listening);
    return listening;
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
