import { createTask } from '../create-task.ts';
import { onAbort } from '../caller/execute.ts';
import type { Coroutine } from '../coroutine.ts';
import { forgetHandle, type Handle } from '../handle.ts';
import { iterate } from '../iterate.ts';
import type { RunOptions } from '../options.ts';
import { run } from '../run.ts';
import type { StreamIterator } from '../stream-iterator.ts';
import type { FormEntry } from './form.ts';
import type { FetchLimits } from './limits.ts';
import type { RemoteResponse } from './remote-response.ts';

/** What is left to be done for a body that has not been read to its end. */
interface Rest {
  readonly remote: Handle<RemoteResponse>;
  stopListening: (() => void) | undefined;
  hasEnded: boolean;
}

/** Does that for responses that nobody holds any more. */
const forgotten = new FinalizationRegistry<Rest>(({ remote, stopListening, hasEnded }) => {
  stopListening?.();
  if (!hasEnded) tell(remote, (remote) => remote.cancel());
});

/** The body of a response. It stays on the loop thread until it is asked for, which is once. */
export class ResponseBody {
  readonly #remote: Handle<RemoteResponse>;
  readonly #limits: FetchLimits;
  readonly #rest: Rest;
  #isUsed = false;
  #chunks: StreamIterator<Uint8Array, void> | undefined;

  constructor(remote: Handle<RemoteResponse>, limits: FetchLimits) {
    this.#remote = remote;
    this.#limits = limits;
    this.#rest = { remote, stopListening: undefined, hasEnded: false };
    forgotten.register(this, this.#rest);
    if (limits.signal !== undefined) this.#closeOnAbort(limits.signal);
  }

  get isUsed(): boolean {
    return this.#isUsed;
  }

  bytes(): Uint8Array {
    this.#take();
    return this.#whole((options) => run(this.#remote.bytes(), options));
  }

  blob(): { readonly type: string; readonly bytes: Uint8Array } {
    this.#take();
    return this.#whole((options) => run(this.#remote.blob(), options));
  }

  form(): readonly FormEntry[] {
    this.#take();
    return this.#whole((options) => run(this.#remote.form(), options));
  }

  /** The next chunk. */
  next(): IteratorResult<Uint8Array, void> {
    if (this.#chunks === undefined) this.#take();
    try {
      const step = this.#limits.within('The body', (options) => {
        this.#chunks ??= iterate(this.#remote.chunks(), options) as StreamIterator<
          Uint8Array,
          void
        >;
        return this.#chunks.next();
      });
      if (step.done === true) this.#end();
      return step;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** Closes the connection, unless everything has come. Does nothing when the body was read in one piece. */
  close(): void {
    if (this.#chunks !== undefined) {
      this.#limits.regardless(() => this.#chunks!.return());
    } else if (!this.#isUsed) {
      this.#isUsed = true;
      tell(this.#remote, (remote) => remote.cancel());
    }
    this.#end();
  }

  /** @throws {TypeError} when the body has been read already. */
  clone(): ResponseBody {
    if (this.#isUsed) {
      throw new TypeError('A response whose body has been read cannot be cloned: clone it before.');
    }
    const remote = this.#limits.within('A copy', (options) => run(this.#remote.clone(), options));
    return new ResponseBody(remote, this.#limits);
  }

  #take(): void {
    if (this.#isUsed) {
      throw new TypeError('The body has been read already: keep what bytes() or text() returned.');
    }
    this.#isUsed = true;
  }

  #whole<T>(read: (options: RunOptions) => T): T {
    try {
      return this.#limits.within('The body', read);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#rest.stopListening?.();
    this.#rest.stopListening = undefined;
    this.#rest.hasEnded = true;
    forgetHandle(this.#remote);
  }

  /** As the platform: also while nobody reads. What is read later throws the reason. */
  #closeOnAbort(signal: AbortSignal): void {
    // The signal may live long, and must not keep the response from being collected.
    const body = new WeakRef(this);
    this.#rest.stopListening = onAbort(signal, () => body.deref()?.abort());
  }

  /** The signal was aborted: closes the connection. */
  abort(): void {
    tell(this.#remote, (remote) => remote.abort());
  }
}

/** Without waiting for it. */
function tell(
  remote: Handle<RemoteResponse>,
  what: (remote: Handle<RemoteResponse>) => Coroutine<void>,
): void {
  try {
    createTask(what(remote));
  } catch {
    // The loop thread has ended, and its connections with it.
  }
}
