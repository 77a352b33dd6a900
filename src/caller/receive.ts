import { CallbackReleasedError, CancelledError } from '../errors.ts';
import type { Decoder } from '../wire/decode.ts';
import {
  BLOCKED,
  CALLBACK,
  CALLBACK_FORGOTTEN,
  CALLBACK_RESULT,
  CALLBACK_THROWN,
  ITEMS,
  OUTPUT,
  RESULT,
  STARTED,
  THROWN,
  UNHANDLED,
} from '../wire/messages.ts';
import { NativePromise } from '../wire/natives.ts';
import { sendOutcome } from '../wire/refusal.ts';
import { isThenable } from '../wire/thenable.ts';
import type { Connection } from './connection.ts';
import type { PendingCall } from './pending-call.ts';
import { thread, type Invocation } from './thread.ts';
import { writeHere } from './output.ts';
import type { Callback } from './values.ts';

/** What a message has brought. Delivered once, also if the stack is cut off between the two lines that do it. */
export interface Delivery {
  deliver(): void;
}

/** Reads the message that the inbox has taken. */
export function receive(connection: Connection, decoder: Decoder): void {
  const delivery = read(connection, decoder);
  connection.inHand = delivery;
  connection.inHandSince = connection.inbox.released;
  connection.inbox.release();
  delivery?.deliver();
  connection.inHand = undefined;
}

function read(connection: Connection, decoder: Decoder): Delivery | undefined {
  const kind = decoder.u8();
  const id = decoder.varint();
  switch (kind) {
    case RESULT:
    case THROWN: {
      const value = decoder.root();
      const call = connection.calls.get(id);
      // The outcome of a call that nobody waits for any more is dropped.
      if (call === undefined) return undefined;
      call.record(kind === THROWN, value);
      return call;
    }
    case CALLBACK: {
      const functionId = decoder.varint();
      const caller = connection.calls.get(decoder.varint());
      const args: unknown[] = [];
      for (let count = decoder.varint(); count > 0; count--) args.push(decoder.root());
      const callback = connection.values.callback(functionId);
      return new CallbackInvocation(connection, id, callback, caller, args);
    }
    case CALLBACK_FORGOTTEN: {
      const times = decoder.varint();
      return once(() => connection.values.forget(id, times));
    }
    case STARTED: {
      const value = decoder.root();
      return once(() => connection.calls.get(id)?.onStarted?.(value));
    }
    case ITEMS: {
      const items: unknown[] = [];
      for (let count = decoder.varint(); count > 0; count--) items.push(decoder.root());
      return once(() => connection.calls.get(id)?.onItems?.(items));
    }
    case OUTPUT: {
      const chunk = decoder.root() as Uint8Array | string;
      // At once and not queued: it is complete before the call returns, or throws.
      return once(() => writeHere(id, chunk));
    }
    case BLOCKED: {
      const name = decoder.string();
      const ms = decoder.f64();
      return report(() => connection.loop.reports?.blocked({ name, ms }));
    }
    case UNHANDLED: {
      const error = decoder.root();
      return report(() => connection.loop.reports?.unhandled(error));
    }
  }
  return undefined;
}

function once(body: () => void): Delivery {
  let isDelivered = false;
  return {
    deliver: () => {
      if (isDelivered) return;
      isDelivered = true;
      body();
    },
  };
}

/** A listener of the runner's is called. */
function report(body: () => void): Delivery {
  return once(() =>
    thread.queue({
      runsUserCode: true,
      node: 0,
      waitsFor: () => false,
      cutOff: () => undefined,
      run: body,
    }),
  );
}

/** A function of the user's is called for a coroutine: on the blocked caller's own stack, if it is blocked. */
class CallbackInvocation implements Invocation, Delivery {
  readonly runsUserCode = true;
  readonly node = 0;
  /** The coroutine that calls it, if that is known and in flight. */
  readonly caller: PendingCall | undefined;
  readonly #connection: Connection;
  readonly #id: number;
  readonly #callback: Callback | undefined;
  readonly #args: readonly unknown[];
  #isQueued = false;
  #isAnswered = false;

  constructor(
    connection: Connection,
    id: number,
    callback: Callback | undefined,
    caller: PendingCall | undefined,
    args: readonly unknown[],
  ) {
    this.#connection = connection;
    this.#id = id;
    this.#callback = callback;
    this.caller = caller;
    this.#args = args;
  }

  deliver(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    thread.queue(this);
  }

  run(): void {
    const connection = this.#connection;
    if (connection.failure instanceof CancelledError) return;
    connection.statistics.callbacks += 1;
    const callback = this.#callback;
    try {
      // Also when its coroutine was given up before its turn had come.
      if (callback === undefined || this.caller?.isGivenUp === true) {
        throw new CallbackReleasedError(
          'A callback was called after the coroutine it was given to had ended.',
        );
      }
      const result = callback.run(this.#args);
      if (isThenable(result)) this.#await(NativePromise.resolve(result));
      else this.#answer(result, false);
    } catch (error) {
      this.#answer(error, true);
    }
  }

  waitsFor(): boolean {
    return false;
  }

  cutOff(): void {
    this.#answer(
      new CancelledError('A callback was cut off: by the timeout of node:vm, or by Ctrl-C.'),
      true,
    );
  }

  /** A promise settles once nothing is on the stack, also what is blocked for something else meanwhile. */
  #await(promise: Promise<unknown>): void {
    if (this.caller !== undefined && thread.waitsFor(this.caller)) {
      // Nobody will look at it, so its failure must not count as unhandled.
      promise.catch(() => undefined);
      throw new TypeError(
        'A callback returned a promise while its thread was blocked in run(), where the promise could never settle. ' +
          'Return the value itself, or await createTask(…) instead of calling run(…).',
      );
    }
    if (this.caller !== undefined) (this.caller.unanswered ??= new Set()).add(this);
    promise.then(
      (value) => this.#answer(value, false),
      (error: unknown) => this.#answer(error, true),
    );
  }

  /** This thread blocks for the call before the promise has settled. */
  refuse(): void {
    const error = new TypeError(
      'A callback had returned a promise when its thread was blocked for its coroutine, where the promise could never settle. ' +
        'Await the task instead of calling result().',
    );
    this.#answer(error, true);
  }

  /** A value that cannot cross turns into an error for this callback alone. */
  #answer(outcome: unknown, hasThrown: boolean): void {
    const connection = this.#connection;
    if (this.#isAnswered || connection.failure !== undefined) return;
    this.#isAnswered = true;
    this.caller?.unanswered?.delete(this);
    sendOutcome(outcome, hasThrown, (value, isThrown) => {
      const root = isThrown ? 'callback error' : 'callback result';
      connection.send(isThrown ? CALLBACK_THROWN : CALLBACK_RESULT, this.#id, (encoder) =>
        encoder.root(value, root),
      );
    });
  }
}
