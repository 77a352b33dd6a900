import { types } from 'node:util';
import { arePlatformClassesDisguised } from '../runtime/disguised-classes.ts';
import { clone } from './natives.ts';

/** How a value with an unusual prototype crosses. */
export type ObjectClass =
  | 'plain'
  | 'map'
  | 'set'
  | 'date'
  | 'regexp'
  | 'boxed'
  | 'buffer'
  | 'view'
  | 'error'
  /** Only the platform knows how: structured clone through the port. */
  | 'platform'
  /** Nothing can carry it; the text says what it is. */
  | { readonly refusal: string };

const prototypeClasses = new WeakMap<object, ObjectClass>();

/**
 * Decides by what an object *is* (its internal slots), as structured clone does, not by what it
 * claims to be. Arrays and objects with the plain prototype are not asked about here.
 */
export function classify(value: object): ObjectClass {
  // The one that rows of a table are full of.
  if (Object.getPrototypeOf(value) === Date.prototype && types.isDate(value)) return 'date';
  if (types.isProxy(value)) return { refusal: 'a Proxy' };
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (types.isDate(value)) return 'date';
  if (ArrayBuffer.isView(value)) return 'view';
  if (types.isArrayBuffer(value)) return 'buffer';
  if (types.isSharedArrayBuffer(value)) return 'platform';
  if (types.isRegExp(value)) return 'regexp';
  if (isErrorObject(value)) return 'error';
  if (types.isBoxedPrimitive(value)) {
    return types.isSymbolObject(value) ? { refusal: 'a Symbol object' } : 'boxed';
  }
  if (types.isPromise(value)) return { refusal: 'a Promise (await it first)' };
  if (types.isGeneratorObject(value)) {
    return { refusal: 'a generator (consume it with iterate(), or collect it in an array)' };
  }
  if (types.isWeakMap(value)) return { refusal: 'a WeakMap' };
  if (types.isWeakSet(value)) return { refusal: 'a WeakSet' };
  return classifyByPrototype(value);
}

/** Of whichever realm. DOMException is an error to everybody but `util.types.isNativeError`. */
export function isErrorObject(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof DOMException;
}

function classifyByPrototype(value: object): ObjectClass {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return 'plain';
  const known = prototypeClasses.get(prototype);
  if (known !== undefined) return known;
  let objectClass: ObjectClass =
    deferredClass(prototype) ?? (isPlatformPrototype(prototype) ? 'platform' : 'plain');
  if (isGlobalClass(prototype)) {
    const outcome = tryClone(value);
    // It may need a transfer list, or be another time what it is not now: asked again the next time.
    if (outcome === undefined) return 'platform';
    objectClass = isLost(outcome)
      ? { refusal: `a platform object (${className(prototype)})` }
      : 'platform';
  }
  if (objectClass === 'plain' && arePlatformClassesDisguised) {
    const copy = tryClone(value);
    if (copy !== undefined && !isLost(copy)) objectClass = 'platform';
  }
  prototypeClasses.set(prototype, objectClass);
  return objectClass;
}

/**
 * Node makes `{}` of what it cannot carry (an AbortSignal, on Node 20 a URL), and so does Deno (a CryptoKey
 * that has come from another thread): worse than an error.
 */
export function isLost(copy: object): boolean {
  return isObjectPrototype(Object.getPrototypeOf(copy) as object);
}

/** What stands for a value that is not there yet would arrive as an empty object. */
function deferredClass(prototype: object): ObjectClass | undefined {
  if (Symbol.for('palitra.coroutine') in prototype)
    return { refusal: 'a coroutine (run it, and pass what it returns)' };
  for (let holder: object | null = prototype; holder !== null;) {
    const then = Object.getOwnPropertyDescriptor(holder, 'then');
    if (typeof then?.value === 'function') return { refusal: 'a thenable (await it first)' };
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}

/**
 * Classes that users write become plain objects, as with structured clone. Classes of the platform
 * (Blob, MessagePort, KeyObject, iterators, Intl …) are left to the platform to carry or refuse. They
 * are known by native constructors, by Node's messaging symbols, or by a tag without a constructor.
 */
function isPlatformPrototype(start: object): boolean {
  for (
    let prototype: object | null = start;
    prototype !== null && !isObjectPrototype(prototype);
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    const constructor = constructorOf(prototype);
    if (constructor !== undefined) {
      if (isNative(constructor)) return true;
    } else if (Object.hasOwn(prototype, Symbol.toStringTag)) {
      return true;
    }
    for (const symbol of Object.getOwnPropertySymbols(prototype)) {
      if (/messaging|transfer|kClone|kDeserialize/i.test(symbol.description ?? '')) return true;
    }
  }
  return false;
}

/** Is it the `Object.prototype` of this realm or of another one (`node:vm`, Jest)? */
function isObjectPrototype(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  if (Object.getPrototypeOf(prototype) !== null) return false;
  const constructor = constructorOf(prototype);
  return constructor?.name === 'Object' && isNative(constructor);
}

/** A class that the platform offers under a global name, and wrote in JavaScript. */
function isGlobalClass(prototype: object): boolean {
  const constructor = constructorOf(prototype);
  if (constructor === undefined || !/^[A-Z]/.test(constructor.name)) return false;
  return (
    (globalThis as Record<string, unknown>)[constructor.name] === constructor &&
    !isNative(constructor)
  );
}

function constructorOf(prototype: object): Function | undefined {
  const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
  return typeof constructor === 'function' ? constructor : undefined;
}

export function className(prototype: object): string {
  return constructorOf(prototype)?.name ?? 'Object';
}

export function isNative(constructor: Function): boolean {
  return Function.prototype.toString.call(constructor).includes('[native code]');
}

/** Undefined for what structured clone does not take. */
export function tryClone(value: object): object | undefined {
  try {
    return clone(value);
  } catch {
    return undefined;
  }
}
