import type { Decoder } from '../wire/decode.ts';
import {
  BLOCKED,
  CALLBACK,
  CALLBACK_FORGOTTEN,
  CALLBACK_RESULT,
  CALLBACK_THROWN,
  ITEMS,
  RESULT,
  STARTED,
  THROWN,
  UNHANDLED,
} from '../wire/messages.ts';
import { NativePromise } from '../wire/natives.ts';
import { sendOutcome } from '../wire/refusal.ts';
import { isThenable } from '../wire/thenable.ts';
import type { Connection } from './connection.ts';
import type { Waitable } from './pending-call.ts';

/**
 * Takes every message that the loop thread has sent, and notices when it will send no more. A blocked
 * thread takes no more than it has waited for: the next callback may be asynchronous, and runs when the
 * thread is not blocked any more.
 */
export function receive(connection: Connection, until?: Waitable): void {
  const { inbox } = connection;
  for (;;) {
    if (connection.failure !== undefined || until?.isSettled === true) return;
    if (inbox.take()) {
      handle(connection, inbox.decoder);
      continue;
    }
    if (!inbox.isClosed) return;
    // The bit is set after the last message has been published: now all there are can be seen.
    if (inbox.take()) handle(connection, inbox.decoder);
    else connection.fail(connection.loop.deathError());
  }
}

function handle(connection: Connection, decoder: Decoder): void {
  const { inbox } = connection;
  const kind = decoder.u8();
  const id = decoder.varint();
  switch (kind) {
    case RESULT:
    case THROWN: {
      const value = decoder.root();
      inbox.release();
      const call = connection.calls.get(id);
      // The outcome of a call that nobody waits for any more is dropped.
      if (call === undefined) return;
      connection.forget(call);
      call.settle(kind === THROWN, value);
      return;
    }
    case CALLBACK: {
      const functionId = decoder.varint();
      const args: unknown[] = [];
      for (let count = decoder.varint(); count > 0; count--) args.push(decoder.root());
      inbox.release();
      execute(connection, id, functionId, args);
      return;
    }
    case CALLBACK_FORGOTTEN: {
      const times = decoder.varint();
      inbox.release();
      connection.values.forget(id, times);
      return;
    }
    case STARTED: {
      const value = decoder.root();
      inbox.release();
      connection.calls.get(id)?.onStarted?.(value);
      return;
    }
    case ITEMS: {
      const items: unknown[] = [];
      for (let count = decoder.varint(); count > 0; count--) items.push(decoder.root());
      inbox.release();
      connection.calls.get(id)?.onItems?.(items);
      return;
    }
    case BLOCKED: {
      const name = decoder.string();
      const ms = decoder.f64();
      inbox.release();
      connection.loop.reports?.blocked({ name, ms });
      return;
    }
    case UNHANDLED: {
      const error = decoder.root();
      inbox.release();
      connection.loop.reports?.unhandled(error);
    }
  }
}

/** Calls a function of the user's for a coroutine: on the blocked caller's own stack, if it is blocked. */
function execute(connection: Connection, id: number, functionId: number, args: unknown[]): void {
  const isBlocked = connection.wait.isBlocked;
  connection.statistics.callbacks += 1;
  try {
    const result = connection.values.callback(functionId)(...(args as never[]));
    if (!isThenable(result)) {
      answer(connection, id, result, false);
      return;
    }
    const promise = NativePromise.resolve(result);
    if (isBlocked) {
      // Nobody will look at it, so its failure must not count as unhandled.
      promise.catch(() => undefined);
      throw new TypeError(
        'A callback returned a promise while its thread was blocked in run(), where the promise could never settle. ' +
          'Return the value itself, or await createTask(…) instead of calling run(…).',
      );
    }
    promise.then(
      (value) => answer(connection, id, value, false),
      (error: unknown) => answer(connection, id, error, true),
    );
  } catch (error) {
    answer(connection, id, error, true);
  }
}

/** A value that cannot cross turns into an error for this callback alone. */
function answer(connection: Connection, id: number, outcome: unknown, hasThrown: boolean): void {
  if (connection.failure !== undefined) return;
  sendOutcome(outcome, hasThrown, (value, isThrown) => {
    const root = isThrown ? 'callback error' : 'callback result';
    connection.send(isThrown ? CALLBACK_THROWN : CALLBACK_RESULT, id, (encoder) =>
      encoder.root(value, root),
    );
  });
}
