import { inspect } from 'node:util';
import type { Connection } from './caller/connection.ts';
import { runCall, type Limits } from './caller/execute.ts';
import { callOf, Coroutine } from './coroutine.ts';
import { Task } from './task.ts';
import { HandleDisposedError } from './errors.ts';
import type { AnyFunction, CoroutineFunction, Overloads, StandIn } from './types.ts';
import type { HandleTarget } from './wire/messages.ts';

declare const target: unique symbol;

const NO_LIMITS: Limits = { timeoutMs: Infinity, deadline: Infinity, signal: undefined };

/** `await` and `JSON.stringify` call these by themselves: a handle is no thenable, and has a text of its own. */
type Unreachable = symbol | 'then' | 'toJSON';

/** The methods of an object as coroutine functions, and the object itself if it is a function. */
type HandleMembers<T> = {
  readonly [
    K in keyof T as K extends Unreachable ? never : T[K] extends AnyFunction ? K : never
  ]: Overloads<T[K], { readonly self: T }>;
} & (T extends AnyFunction ? CoroutineFunction<T> : unknown);

/**
 * Stands for an object that stays on the loop thread. Its methods make coroutines (of a handle, where they
 * return the object itself), `get()` reads its properties, and given as an argument it becomes the object
 * again. Disposing of it (`using`) calls the object's `Symbol.asyncDispose` or `Symbol.dispose`, if it has
 * one, and forgets it; so does, without calling anything, the garbage collection of the handle.
 *
 * @example
 * ```ts
 * import { coroutine, get, run, type Handle } from 'palitra';
 *
 * interface Counter {
 *   count: number;
 *   add(n: number): void;
 * }
 * const open = coroutine(async (): Promise<Handle<Counter>> => {
 *   const { handle } = await import('palitra/loop');
 *   return handle<Counter>({
 *     count: 0,
 *     add(n) {
 *       this.count += n;
 *     },
 *   });
 * });
 * const counter = run(open());
 * run(counter.add(2));
 * run(counter.add(3));
 * console.log(run(get(counter, 'count'))); // 5
 * ```
 */
export type Handle<T> = HandleMembers<T> &
  StandIn<T> &
  Disposable &
  AsyncDisposable & { readonly [target]: T };

const stateSymbol: unique symbol = Symbol.for('palitra.handle') as never;

/** What a handle is made of. */
export class HandleState {
  readonly connection: Connection;
  readonly id: number;
  isDisposed = false;
  /** Nobody may hold the runner but by this handle. */
  holder: object | undefined;

  constructor(connection: Connection, id: number) {
    this.connection = connection;
    this.id = id;
    this.holder = connection.holder?.deref();
    connection.handlesHeld += 1;
  }

  /** From here on the handle is of no use. */
  retire(): void {
    this.isDisposed = true;
    this.holder = undefined;
    this.connection.handlesHeld -= 1;
  }

  /** @throws {HandleDisposedError} when the object can no longer be reached. */
  assertUsable(): void {
    if (this.isDisposed) {
      throw new HandleDisposedError(
        'A handle was used after it was disposed of: get a new one from the coroutine that made it.',
      );
    }
    if (this.connection.failure !== undefined || this.connection.inbox.isClosed) {
      throw new HandleDisposedError(
        'A handle was used after its loop thread had ended, and its object with it: get a new one from the coroutine that made it.',
      );
    }
  }
}

/** Forgets the object once nothing on this thread holds its handle. */
const collected = new FinalizationRegistry<HandleState>((state) => {
  if (state.isDisposed) return;
  state.retire();
  state.connection.releaseHandle(state.id);
});

/** The state behind a handle; undefined for every other function. */
export function handleStateOf(value: unknown): HandleState | undefined {
  return (value as { [stateSymbol]?: HandleState })[stateSymbol];
}

export function createHandle(connection: Connection, id: number, isFunction: boolean): object {
  const state = new HandleState(connection, id);
  const describe = (): string =>
    `[${state.isDisposed ? 'disposed ' : ''}handle of a loop thread's ${isFunction ? 'function' : 'object'}]`;
  // A function, so that handles of functions can be called; what they say of themselves is the same.
  const callable = (...args: unknown[]): unknown => {
    if (!isFunction)
      throw new TypeError(
        'This handle is of an object, not of a function: call one of its methods.',
      );
    return operation(handle, state, 'call', [], args);
  };
  // inspect() looks past the proxy.
  const handle: object = new Proxy(Object.assign(callable, { [inspect.custom]: describe }), {
    get(_, key): unknown {
      if (key === stateSymbol) return state;
      if (key === Symbol.dispose || key === Symbol.asyncDispose)
        return () => dispose(handle, state, key);
      if (key === Symbol.toStringTag) return 'Handle';
      if (key === Symbol.toPrimitive || key === 'toJSON') return describe;
      if (typeof key === 'symbol' || key === 'then') return undefined;
      return (...args: unknown[]) => operation(handle, state, 'call', [key], args);
    },
    set: refuseChange,
    defineProperty: refuseChange,
    deleteProperty: refuseChange,
    has: (_, key) => key === stateSymbol,
    ownKeys: () => [],
    getOwnPropertyDescriptor: () => undefined,
    getPrototypeOf: () => null,
  });
  collected.register(handle, state);
  return handle;
}

function refuseChange(): never {
  throw new TypeError(
    'A property of a handle cannot be changed: call a method that does, or a coroutine that takes the handle.',
  );
}

function operation(
  handle: object,
  state: HandleState,
  kind: HandleTarget['operation'],
  path: readonly string[],
  args: readonly unknown[],
): Coroutine<unknown> {
  state.assertUsable();
  const label = `handle${path.length === 0 ? '' : `.${path.join('.')}`}`;
  return new Coroutine({
    target: { kind: 'handle', handle, handleId: state.id, path, operation: kind, label },
    args,
    isConstruction: false,
  });
}

/** Runs the object's own disposal, blocking or not as the kind of `using` asks for. */
function dispose(handle: object, state: HandleState, key: symbol): unknown {
  if (state.isDisposed) return undefined;
  const { connection } = state;
  // Perhaps on the way out of a call that has timed out because the loop computes: it would never answer.
  connection.loop.failIfStuck();
  if (connection.failure !== undefined || connection.inbox.isClosed) {
    state.retire();
    return undefined;
  }
  const call = callOf(operation(handle, state, 'dispose', [], []), 'run');
  // From here on it is the call that holds the loop thread, not the handle.
  connection.handlesHeld -= 1;
  try {
    if (key === Symbol.asyncDispose) return new Task(connection.loop, call, NO_LIMITS, handle);
    return runCall(connection.loop, call, NO_LIMITS, dispose);
  } finally {
    state.isDisposed = true;
    state.holder = undefined;
  }
}

/** Forgets the object, as the garbage collection of its handle would: calls nothing, waits for nothing. */
export function forgetHandle(handle: object): void {
  const state = handleStateOf(handle);
  if (state === undefined || state.isDisposed) return;
  state.retire();
  state.connection.releaseHandle(state.id);
  state.connection.loop.afterWait();
}

/**
 * Reads a property of the object behind a handle: makes a coroutine of its value, for `run` and the others.
 *
 * @throws {HandleDisposedError} when the handle was disposed of, or its loop thread has ended.
 *
 * @example
 * ```js
 * import { coroutines, get, run } from 'palitra';
 *
 * const { URL } = coroutines('node:url');
 * const url = run(new URL('http://localhost:8080/a'));
 * console.log(run(get(url, 'port'))); // 8080
 * ```
 */
export function get<T, K extends keyof T & string>(
  handle: Handle<T>,
  key: K,
): Coroutine<Awaited<T[K]>> {
  const state = typeof handle === 'function' ? handleStateOf(handle) : undefined;
  if (state === undefined) {
    throw new TypeError(
      `get() takes a handle, such as get(session, 'timeout'); of any other object read the property itself.`,
    );
  }
  return operation(handle, state, 'get', [key], []) as Coroutine<Awaited<T[K]>>;
}
