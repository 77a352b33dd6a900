import { inspect, types } from 'node:util';
import { isDebugging, noteMade, noteRun } from './caller/debug.ts';
import type { OutcomeReader } from './caller/pending-call.ts';
import { sourceOf } from './coroutine-source.ts';
import type { Target } from './wire/messages.ts';

/** What a coroutine calls, and with what. */
export interface Call {
  readonly target: Target;
  readonly args: readonly unknown[];
  /** Is the function called with `new`? */
  readonly isConstruction: boolean;
  /** Makes the outcome from what the loop thread sent, if that is only a message from further away. */
  readonly receive?: OutcomeReader | undefined;
  /** What to say when it takes too long, instead of how the loop thread is. */
  readonly whenLate?: string | undefined;
}

const callSymbol: unique symbol = Symbol.for('palitra.coroutine') as never;
declare const resultType: unique symbol;

/**
 * A description of a call: which function, and with which arguments. Nothing has run yet; `run`,
 * `gather` and `createTask` execute it on the loop thread, and each time is a new call. It is not a
 * promise, and awaiting it does nothing.
 *
 * Made by the functions that `coroutines()` and `coroutine()` return, as calling an `async def` makes a
 * coroutine object in Python.
 *
 * @example
 * ```js
 * import { coroutine, run } from 'palitra';
 *
 * const sum = coroutine(async function add(a, b) {
 *   return a + b;
 * })(1, 2);
 * console.log(String(sum), run(sum)); // coroutine add 3
 * ```
 */
export class Coroutine<T> {
  declare readonly [resultType]: T;
  readonly #call: Call;

  /** @internal Coroutines are made by calling a coroutine function. */
  constructor(call: Call) {
    this.#call = call;
    if (isDebugging) noteMade(this, call);
  }

  /** @internal */
  get [callSymbol](): Call {
    return this.#call;
  }

  /** `coroutine comments.js#fetchComment` */
  toString(): string {
    return `coroutine ${this.#call.target.label}`;
  }

  get [Symbol.toStringTag](): string {
    return 'Coroutine';
  }

  /** What a console shows: as `toString()`. */
  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * The call that a value describes.
 *
 * @throws {TypeError} that says what to write instead, when it is not a coroutine.
 */
export function callOf(value: unknown, caller: string): Call {
  if (typeof value === 'object' && value !== null) {
    const call = (value as { [callSymbol]?: Call })[callSymbol];
    if (call !== undefined) {
      if (isDebugging) noteRun(call);
      return call;
    }
  }
  throw new TypeError(explainMisuse(value, caller));
}

function explainMisuse(value: unknown, caller: string): string {
  const expected = `${caller}() takes a coroutine`;
  if (types.isPromise(value)) {
    return (
      `${expected}, not a promise: a promise belongs to the thread that made it, and can't settle while that thread is blocked. ` +
      `Write ${caller}(api.load(1)) with api = coroutines('./api.js', import.meta), so that the function is called on the loop thread.`
    );
  }
  if (typeof value === 'function' && Symbol.for('palitra.handle') in value) {
    return (
      `${expected}, not a handle. Call one of its methods, as in ${caller}(session.load(1)), ` +
      `or read a property: ${caller}(get(session, 'name')).`
    );
  }
  const source = sourceOf(value);
  if (source !== undefined) {
    const isAll = source.module?.path.length === 0;
    return isAll
      ? `${expected}, not all the ${source.description}. Call one of its functions: ${caller}(api.load(…)).`
      : `${expected}, not the ${source.description} itself. Call it: ${caller}(${source.call}).`;
  }
  if (typeof value === 'function') {
    const name = value.name === '' ? 'fn' : value.name;
    return (
      `${expected}, not a function. If ${name} is an ordinary async function, make it a coroutine function first: ` +
      `${caller}(coroutine(${name})(…)). If it was made by sync(), call it without ${caller}: ${name}(…).`
    );
  }
  if (typeof value === 'object' && value !== null && 'then' in value) {
    return (
      `${expected}, not a thenable, which belongs to the thread that made it. ` +
      `Write ${caller}(api.load(1)) with api = coroutines('./api.js', import.meta).`
    );
  }
  if (caller === 'gather' && isOptions(value)) {
    return `${expected} in every place, and options only after a list of them. Write gather([api.load(1), api.load(2)], { timeout: 5_000 }).`;
  }
  return (
    `${expected}, not ${describe(value)}. Write ${caller}(api.load(1)) with ` +
    `api = coroutines('./api.js', import.meta), or ${caller}(coroutine(async (id) => …)(1)).`
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array (spread it, or use gather)';
  if (typeof value === 'object') return `an object of class ${value.constructor?.name ?? 'null'}`;
  return `a ${typeof value} (${String(value).slice(0, 40)})`;
}

function isOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ['timeout', 'signal', 'returnExceptions', 'concurrency'].some((key) => key in value);
}
