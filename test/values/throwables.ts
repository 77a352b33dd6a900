import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import * as own from '../fixtures/error-classes.ts';
import { casesOf, type ValueCase } from './cases.ts';

const { SuppressedError, QuotaExceededError, WebAssembly } = globalThis as {
  SuppressedError?: new (error: unknown, suppressed: unknown, message: string) => Error;
  QuotaExceededError?: new (message: string, options: object) => Error;
  WebAssembly?: { Module: new (bytes: Uint8Array) => object };
};

/** What is thrown arrives as itself, unless something else is expected. */
function throwablesOf(
  makers: Readonly<Record<string, (() => unknown) | readonly [() => unknown, () => unknown]>>,
): ValueCase[] {
  return casesOf(
    Object.fromEntries(
      Object.entries(makers).map(([name, maker]) => [
        name,
        typeof maker === 'function' ? [maker, maker] : maker,
      ]),
    ),
  );
}

/** The error that a piece of code throws by itself. */
function thrownBy(code: () => unknown): unknown {
  try {
    return code();
  } catch (error) {
    return error;
  }
}

function hidden<E extends object>(target: E, key: string, value: unknown): E {
  return Object.defineProperty(target, key, { value, writable: true, configurable: true });
}

/** As the class that everybody has. In Bun its own one has the code. */
function asTypeError(error: NodeJS.ErrnoException): Error {
  const { code } = error;
  Object.setPrototypeOf(error, TypeError.prototype);
  return Object.hasOwn(error, 'code') ? error : hidden(error, 'code', code);
}

function overflow(): number {
  return overflow() + 1;
}

export const builtInErrors = throwablesOf({
  Error: () => new Error('plain'),
  TypeError: () => new TypeError('of a type'),
  RangeError: () => new RangeError('out of range'),
  SyntaxError: () => new SyntaxError('bad syntax'),
  ReferenceError: () => new ReferenceError('no such name'),
  EvalError: () => new EvalError('bad eval'),
  URIError: () => new URIError('bad URI'),
  'one of the engine’s own: JSON': () => thrownBy(() => JSON.parse('{')),
  'one of the engine’s own: null': () => thrownBy(() => (null as unknown as { x: number }).x),
  'one of the engine’s own: a bad length': () => thrownBy(() => new Array(-1)),
  'one of the engine’s own: a full stack': () => thrownBy(overflow),
  ...(WebAssembly && {
    'one of WebAssembly’s': () => thrownBy(() => new WebAssembly.Module(new Uint8Array(1))),
  }),
  'without a message': () => new Error(),
  'with an empty message': () => new Error(''),
  'a message of many lines': () => new Error('first\n    at second\nthird 語 \ud800'),
  AggregateError: () => new AggregateError([new TypeError('a'), 1, { b: 2 }], 'several'),
  'an empty AggregateError': () => new AggregateError([]),
  'an AggregateError in itself': () => {
    const error = new AggregateError([new Error('other')], 'cyclic');
    error.errors.push(error);
    return error;
  },
  DOMException: () => new DOMException('gone', 'NotFoundError'),
  'an AbortError': () => AbortSignal.abort().reason as unknown,
  'a DOMException of no known name': () => new DOMException('odd', 'OddError'),
  'a DOMException with a cause and a property': () =>
    Object.assign(new DOMException('x', { name: 'DataError', cause: new Error('why') }), { a: 1 }),
  ...(SuppressedError && {
    SuppressedError: () => new SuppressedError(new TypeError('later'), new Error('first'), 'both'),
  }),
  ...(QuotaExceededError && {
    QuotaExceededError: () => new QuotaExceededError('full', { quota: 1, requested: 2 }),
    'QuotaExceededError without figures': () => new QuotaExceededError('full', {}),
  }),
  'a cause': () => new Error('a', { cause: new TypeError('b', { cause: 'c' }) }),
  'a cause that is undefined': () => new Error('a', { cause: undefined }),
  'a cause that is an object': () => new Error('a', { cause: { code: 1, list: [1] } }),
  'a cause that is the error itself': () => {
    const error = new Error('a');
    return hidden(error, 'cause', error);
  },
  'causes in a circle': () => {
    const first = new Error('first');
    const second = new RangeError('second', { cause: first });
    return hidden(first, 'cause', second);
  },
  'a chain of 1,000 causes': () => {
    let error = new Error('the first');
    for (let level = 1; level < 1000; level++) error = new Error(`${level}`, { cause: error });
    return error;
  },
  'no such file': () => thrownBy(() => readFileSync('/no/such/file')),
  // Classes of Node's own, which nobody can get hold of, arrive as the built-in class they extend.
  'no such command': [
    () => spawnSync('/no/such/command').error,
    () => Object.setPrototypeOf(spawnSync('/no/such/command').error, Error.prototype),
  ],
  'an invalid argument': [
    () => thrownBy(() => readFileSync(true as never)),
    () => asTypeError(thrownBy(() => readFileSync(true as never)) as NodeJS.ErrnoException),
  ],
  'an invalid URL': () => thrownBy(() => new URL('no URL')),
  'properties of every kind': () => {
    const shared = { n: 1 };
    const map = new Map([[shared, new Set([shared])]]);
    return Object.assign(new Error('rich'), {
      shared,
      map,
      at: new Date(7),
      bytes: new Uint8Array(3),
    });
  },
  'the error among its own properties': () => {
    const error = new Error('a') as Error & { context?: unknown };
    error.context = { list: [error] };
    return error;
  },
  'properties with the names of fields': () =>
    Object.assign(new Error('invalid'), {
      errors: { a: new Error('b') },
      error: 1,
      suppressed: null,
    }),
  'properties with the names of Object.prototype': () => {
    const error = Object.assign(new Error('a'), { constructor: 1, toString: 2 });
    Object.defineProperty(error, '__proto__', {
      value: { a: 1 },
      enumerable: true,
      writable: true,
      configurable: true,
    });
    return error;
  },
  'a property that is hidden': () => hidden(new Error('a'), 'secret', { level: 1 }),
  'a property that is hidden and cannot be copied': [
    () => hidden(hidden(new Error('a'), 'inner', { fn: () => 1 }), 'listener', () => 1),
    () => new Error('a'),
  ],
  'a symbol as a key': [
    () => Object.assign(new Error('a'), { [Symbol('b')]: 1 }),
    () => new Error('a'),
  ],
  'a name of its own': () => Object.assign(new TypeError('a'), { name: 'OwnName' }),
  'a name that is a number': () => Object.assign(new Error('a'), { name: 7 }),
  'a name that is empty': () => Object.assign(new Error('a'), { name: '' }),
  'a message that is a number': () => Object.assign(new Error('a'), { message: 7 }),
  'a message that is an object': () => Object.assign(new Error('a'), { message: { text: 'x' } }),
  'a message that is undefined': () => hidden(new Error('a'), 'message', undefined),
  'a message that is enumerable': () =>
    Object.defineProperty(new Error(), 'message', {
      value: 'seen',
      enumerable: true,
      writable: true,
      configurable: true,
    }),
  frozen: [
    () => Object.freeze(Object.assign(new Error('a'), { b: 1 })),
    () => Object.assign(new Error('a'), { b: 1 }),
  ],
  sealed: [() => Object.seal(new TypeError('a')), () => new TypeError('a')],
  'a getter': [
    () => Object.defineProperty(new Error('a'), 'b', { get: () => 7, enumerable: true }),
    () => Object.assign(new Error('a'), { b: 7 }),
  ],
  'getters that throw': [
    () => {
      const get = (): never => {
        throw new Error('from a getter');
      };
      const error = Object.assign(new Error('a'), { b: 1 });
      for (const key of ['stack', 'name', 'cause', 'c']) {
        Object.defineProperty(error, key, { get, enumerable: true });
      }
      return error;
    },
    () => Object.assign(new Error('a'), { b: 1 }),
  ],
  'a message that throws': [
    () => Object.defineProperty(new TypeError(), 'message', { get: () => overflow() }),
    () => new TypeError(),
  ],
  'no stack': () => {
    const error = new Error('a');
    delete error.stack;
    return error;
  },
  'a stack that is no text': () => Object.assign(new Error('a'), { stack: [1, 2] }),
  'no prototype': [() => Object.setPrototypeOf(new Error('a'), null), () => new Error('a')],
  'an object of the prototype only': [() => Object.create(TypeError.prototype), () => ({})],
  'an error of another realm': [
    () =>
      runInNewContext(
        'Object.assign(new TypeError("far", { cause: new RangeError("b") }), { a: [1] })',
      ),
    () => Object.assign(new TypeError('far', { cause: new RangeError('b') }), { a: [1] }),
  ],
  'an error of a class of another realm': [
    () => runInNewContext('new (class Far extends RangeError {})("far")'),
    () => new RangeError('far'),
  ],
});

export const ownErrors = throwablesOf({
  'a registered class': () => new own.NotFoundError(7, { cause: new Error('why') }),
  'a registered class whose name is on its prototype': () => new own.LabelledError('l'),
  'a registered class with getters': () => new own.TerseError(),
  'a registered kind of DOMException': () => new own.SilentAbort('quiet', 'AbortError'),
  'a class whose base class is registered': [
    () => new own.GoneError(8),
    () => new own.NotFoundError(8),
  ],
  'a registered class inside another error': () =>
    new AggregateError([new own.NotFoundError(1)], 'some', { cause: new own.NotFoundError(2) }),
  'a class that is not registered, with a name': [
    () => new own.UnknownError('u'),
    () => Object.assign(new Error('u'), { name: 'UnknownError', detail: { level: 3 } }),
  ],
  'a class that is not registered, without a name': [
    () => new own.UnnamedError('u'),
    () => new TypeError('u'),
  ],
  'a toJSON method': [
    () => new own.JsonError('j'),
    () => Object.assign(new Error('j'), { status: 404 }),
  ],
});

export const otherThrowables = throwablesOf({
  undefined: () => undefined,
  null: () => null,
  '0': () => 0,
  '-0': () => -0,
  NaN: () => NaN,
  'the empty string': () => '',
  'a string': () => 'text',
  false: () => false,
  'a bigint': () => 7n,
  'an object': () => ({ message: 'not an error', stack: 'nor this' }),
  'an array': () => [1, [2]],
  'a Map': () => new Map([['a', new Error('b')]]),
  'a Date': () => new Date(7),
  'a buffer': () => new Uint8Array([1, 2]),
});

export const throwables = { builtInErrors, ownErrors, otherThrowables };

export type ThrowableGroup = keyof typeof throwables;
