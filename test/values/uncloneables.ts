import { EventEmitter } from 'node:events';
import path from 'node:path';
import { isBun } from '../support/runtime.ts';
import { outOfBoundsView } from './buffers.ts';

/** A value that cannot cross, and what the error calls it. */
export interface Uncloneable {
  readonly name: string;
  readonly make: () => unknown;
  readonly says: RegExp;
  /** Where in the value it is, if not the value itself. */
  readonly at: string;
}

const global = globalThis as unknown as Record<string, any>;

function uncloneable(name: string, says: RegExp, make: () => unknown, at = ''): Uncloneable {
  return { name, make, says, at };
}

/** What the platform refuses, in its own words. Bun has the same for all, without a name. */
function inItsWords(says: RegExp): RegExp {
  return isBun ? /: The object can not be cloned\./ : says;
}

/** Where the platform has the class. */
function ifThere(className: string, make: () => unknown): Uncloneable[] {
  return global[className] === undefined
    ? []
    : [uncloneable(`a ${className}`, inItsWords(/could not be cloned|cannot clone/i), make)];
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function argumentsOf(..._: unknown[]): unknown {
  // oxlint-disable-next-line prefer-rest-params -- it is what is tested
  return arguments;
}

class Reply extends Response {
  readonly note = { a: 1 };
}

/** Neither as arguments nor as results. */
export const uncloneables: readonly Uncloneable[] = [
  uncloneable('a symbol', /is a symbol/, () => Symbol('x')),
  uncloneable('a registered symbol', /is a symbol/, () => Symbol.for('x')),
  uncloneable('a Symbol object', /is a Symbol object/, () => Object(Symbol('x'))),
  uncloneable('a WeakMap', /is a WeakMap/, () => new WeakMap()),
  uncloneable('a WeakSet', /is a WeakSet/, () => new WeakSet()),
  uncloneable('a WeakRef', inItsWords(/WeakRef.* could not be cloned/), () => new WeakRef({})),
  uncloneable(
    'a FinalizationRegistry',
    inItsWords(/could not be cloned/),
    () => new FinalizationRegistry(() => 1),
  ),
  uncloneable('a Proxy of an object', /is a Proxy/, () => new Proxy({ a: 1 }, {})),
  uncloneable('a Proxy of an array', /is a Proxy/, () => new Proxy([1], {})),
  uncloneable('a Proxy of an error', /is a Proxy/, () => new Proxy(new Error('x'), {})),
  uncloneable('a Proxy whose traps throw', /is a Proxy/, () => {
    const trap = (): never => {
      throw new Error('trapped');
    };
    return new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap });
  }),
  uncloneable('a Proxy that is revoked', /is a Proxy/, () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  }),
  uncloneable('an arguments object', /\[\.\.\.arguments\]/, () => argumentsOf('a', 1)),
  uncloneable('an empty arguments object', /\[\.\.\.arguments\]/, () => argumentsOf()),
  uncloneable('segments', inItsWords(/could not be cloned/), () =>
    new Intl.Segmenter().segment('ab'),
  ),
  uncloneable('Math', /is an object of the language/, () => Math),
  uncloneable('Intl', /is an object of the language/, () => Intl),
  uncloneable('a Promise with another prototype', /is a Promise/, () =>
    Object.setPrototypeOf(Promise.resolve(), Object.prototype),
  ),
  uncloneable(
    'an instance of a subclass of Response',
    inItsWords(/\(Reply\)/),
    () => new Reply('x'),
  ),
  ...('rawJSON' in JSON
    ? [uncloneable('raw JSON', /JSON\.rawJSON/, () => (JSON as any).rawJSON('1'))]
    : []),
  uncloneable('a generator', /is a generator/, () => (function* () {})()),
  uncloneable('an async generator', /is a generator/, () => (async function* () {})()),
  uncloneable('an iterator', inItsWords(/could not be cloned/), () => [1].values()),
  uncloneable('an iterator of a Map', inItsWords(/could not be cloned/), () =>
    new Map([[1, 2]]).entries(),
  ),
  uncloneable(
    'a promise in a value',
    /is a Promise \(await it first\)/,
    () => [Promise.resolve(1)],
    '[0]',
  ),
  uncloneable(
    'a thenable of a class',
    /is a thenable/,
    () => [
      new (class {
        then() {}
      })(),
    ],
    '[0]',
  ),
  uncloneable('a number format', inItsWords(/could not be cloned/), () => new Intl.NumberFormat()),
  uncloneable('a detached ArrayBuffer', /is a detached ArrayBuffer/, detached),
  uncloneable('a view of a detached ArrayBuffer', /a view of a detached/, () => {
    const view = new Uint8Array(8);
    structuredClone(view, { transfer: [view.buffer] });
    return view;
  }),
  uncloneable('a DataView of a detached ArrayBuffer', /a view of a detached/, () => {
    const view = new DataView(new ArrayBuffer(8), 4);
    structuredClone(view, { transfer: [view.buffer] });
    return view;
  }),
  uncloneable(
    'a view out of the bounds of its buffer',
    /cannot be copied/,
    outOfBoundsView,
    '.view',
  ),
  uncloneable(
    'a Response',
    inItsWords(/platform object \(Response\)|cannot clone/i),
    () => new Response('x'),
  ),
  uncloneable(
    'a FormData',
    inItsWords(/platform object \(FormData\)|cannot clone/i),
    () => new FormData(),
  ),
  uncloneable(
    'an AbortController',
    inItsWords(/platform object \(AbortController\)/),
    () => new AbortController(),
  ),
  uncloneable(
    'an EventTarget',
    inItsWords(/platform object \(EventTarget\)/),
    () => new EventTarget(),
  ),
  uncloneable(
    'a TextEncoder',
    inItsWords(/platform object \(TextEncoder\)/),
    () => new TextEncoder(),
  ),
  uncloneable('a ReadableStream that is not transferred', /transfer/, () => new ReadableStream()),
  uncloneable('a WritableStream that is not transferred', /transfer/, () => new WritableStream()),
  uncloneable(
    'a Map with a symbol as a key',
    /is a symbol/,
    () => new Map([[Symbol('k'), 1]]),
    '[0]',
  ),
  uncloneable(
    'a Map with a symbol as a value',
    /is a symbol/,
    () => new Map([['k', Symbol('v')]]),
    '.k',
  ),
  uncloneable('a Set of a symbol', /is a symbol/, () => new Set([1, Symbol('s')]), '[1]'),
  uncloneable(
    'an error that holds a symbol',
    /is a symbol/,
    () => Object.assign(new Error('e'), { s: Symbol('s') }),
    '.s',
  ),
  uncloneable(
    'a cause that holds a WeakMap',
    /is a WeakMap/,
    () => new Error('e', { cause: [new WeakMap()] }),
    '.cause[0]',
  ),
  uncloneable(
    'an AggregateError of a Proxy',
    /is a Proxy/,
    () => new AggregateError([1, new Proxy({}, {})]),
    '.errors[1]',
  ),
  uncloneable(
    'among two thousand',
    /is a symbol/,
    () => [...Array.from({ length: 2000 }, () => 1), Symbol('s')],
    '[2000]',
  ),
  uncloneable(
    'under keys that are no identifiers',
    /is a symbol/,
    () => ({ 'a b': { é: { 1: Symbol('s') } } }),
    '["a b"].é["1"]',
  ),
  ...ifThere('DisposableStack', () => new global['DisposableStack']()),
  ...ifThere('Temporal', () => global['Temporal'].Now.instant()),
];

/** As arguments these are callbacks. */
export const uncloneableResults: readonly Uncloneable[] = [
  uncloneable('a function', /is a function \(named\)/, () => function named() {}),
  uncloneable('a function without a name', /is a function,/, () => () => 1),
  uncloneable('a class', /is a function \(Thing\)/, () => class Thing {}),
  uncloneable(
    'an AbortSignal',
    /is an AbortSignal \(only a calling thread can/,
    () => new AbortController().signal,
  ),
  uncloneable('a method', /is a function \(save\)/, () => ({ save() {} }), '.save'),
  uncloneable(
    'an error that holds a function',
    /is a function \(retry\)/,
    () => Object.assign(new Error('e'), { retry() {} }),
    '.retry',
  ),
  uncloneable('a module', /is a function/, () => path, `.${Object.keys(path)[0]}`),
  uncloneable(
    'an EventEmitter with a listener',
    /is a function \(listener\)/,
    () => new EventEmitter().on('end', function listener() {}),
    '._events.end',
  ),
];
