import { types } from 'node:util';
import { hostObjectBrand } from '../runtime/host-object-brand.ts';
import { clone } from './natives.ts';

/** How an object crosses. */
export type ObjectClass =
  | 'plain'
  /** Plain, with a Proxy among its prototypes: nothing may be looked up in it but what is its own. */
  | 'guarded'
  | BuiltInClass
  | WebClass
  /** Only the platform knows how: structured clone through the port. */
  | 'platform'
  | Refusal;

/** What has internal slots that the language knows. */
export type BuiltInClass =
  | 'map'
  | 'set'
  | 'date'
  | 'regexp'
  | 'boxed'
  | 'buffer'
  | 'sharedBuffer'
  | 'view'
  | 'error';

/** What structured clone cannot carry, and palitra can. */
export type WebClass = 'url' | 'searchParams' | 'headers' | 'signal';

/** Nothing can carry it; the text says what it is. */
export interface Refusal {
  readonly refusal: string;
}

/**
 * What is found out about a prototype, once, and not for each of its instances. It says nothing about what an
 * object is, only what it can turn out to be when it is none of the built-in objects: so it may grow old (the
 * prototype gets a method, or another prototype) and no object is taken for what it is not.
 */
type Verdict =
  /** All prototypes up to `Object.prototype` or null are a program's own. */
  | 'own'
  /** A built-in class is among them, and `builtInClass` knows its instances. */
  | 'builtIn'
  | 'guarded'
  | WebClass
  | 'platform'
  /** A class of the platform that was written in JavaScript: it may carry an instance, or make `{}` of it. */
  | 'unsure'
  | Refusal;

const verdicts = new WeakMap<object, Verdict>();

/**
 * Decides by what an object *is* (its internal slots), as structured clone does, not by what it claims to be.
 * Not asked about arrays.
 */
export function classify(value: object): ObjectClass {
  if (types.isProxy(value)) return { refusal: 'a Proxy' };
  return classifyByPrototype(value, Object.getPrototypeOf(value) as object | null);
}

/** The same for what is no Proxy. */
export function classifyByPrototype(value: object, prototype: object | null): ObjectClass {
  // The one that rows of a table are full of.
  if (prototype === Date.prototype && types.isDate(value)) return 'date';
  if (prototype === null && isRawJson?.(value) === true) {
    return { refusal: 'the result of JSON.rawJSON()' };
  }
  const verdict = prototype === null ? 'own' : (verdicts.get(prototype) ?? judge(prototype));
  if (verdict === 'own' && looksOrdinary(value)) return 'plain';
  const builtIn = builtInClass(value, verdict === 'guarded');
  if (builtIn !== undefined) return builtIn;
  switch (verdict) {
    case 'own':
    case 'builtIn':
      return 'plain';
    case 'url':
    case 'searchParams':
    case 'headers':
    case 'signal':
      return isReal(verdict, value) ? verdict : 'plain';
    case 'unsure':
      return askPlatform(value);
    default:
      return verdict;
  }
}

const { toString } = Object.prototype;

/**
 * Enough for an object whose prototypes are a program's own and that holds something: only of a Map that was given
 * such a prototype, and properties, nothing but those is copied. What holds nothing is looked at by
 * {@link builtInClass}.
 */
function looksOrdinary(value: object): boolean {
  return (
    !(Symbol.toStringTag in value) &&
    toString.call(value) === '[object Object]' &&
    !ArrayBuffer.isView(value)
  );
}

/** What an object is by its internal slots, whatever its prototype; undefined for an ordinary object. */
export function builtInClass(value: object, isGuarded = false): BuiltInClass | Refusal | undefined {
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (types.isAnyArrayBuffer(value)) {
    return types.isSharedArrayBuffer(value) ? 'sharedBuffer' : 'buffer';
  }
  if (types.isBoxedPrimitive(value)) {
    return types.isSymbolObject(value) ? { refusal: 'a Symbol object' } : 'boxed';
  }
  if (types.isPromise(value)) return { refusal: 'a Promise (await it first)' };
  if (types.isGeneratorObject(value)) {
    return { refusal: 'a generator (consume it with iterate(), or collect it in an array)' };
  }
  if (types.isWeakMap(value)) return { refusal: 'a WeakMap' };
  if (types.isWeakSet(value)) return { refusal: 'a WeakSet' };
  return !isGuarded && looksOrdinary(value) ? undefined : taggedClass(value, isGuarded);
}

/** Of those that {@link looksOrdinary} knows. */
function taggedClass(value: object, isGuarded: boolean): BuiltInClass | Refusal | undefined {
  if (types.isDate(value)) return 'date';
  if (ArrayBuffer.isView(value)) return 'view';
  if (types.isRegExp(value)) return 'regexp';
  if (isGuarded ? types.isNativeError(value) : isErrorObject(value)) return 'error';
  if (types.isArgumentsObject(value)) {
    return { refusal: 'an arguments object (make an array of it: [...arguments])' };
  }
  return isNamespace(value)
    ? { refusal: 'an object of the language that holds functions' }
    : undefined;
}

const { isRawJSON: isRawJson } = JSON as { isRawJSON?: (value: unknown) => boolean };

/** Of `Math` and its like nothing would arrive but `{}`. */
function isNamespace(value: object): boolean {
  const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value as unknown;
  return (
    typeof tag === 'string' &&
    /^(?:Atomics|Intl|JSON|Math|Reflect|Temporal|WebAssembly)$/.test(tag) &&
    (globalThis as Record<string, unknown>)[tag] === value
  );
}

/** Of whichever realm. DOMException is an error to everybody but `util.types.isNativeError`. */
export function isErrorObject(value: unknown): value is Error {
  return types.isNativeError(value) || isDomException(value);
}

export function isDomException(value: unknown): value is DOMException {
  return (
    value instanceof DOMException && can(() => Reflect.get(DOMException.prototype, 'code', value))
  );
}

function can(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** Whose instances {@link builtInClass} knows; of an Iterator there is nothing to know. */
const KNOWN_BUILT_INS =
  /^(?:Object|Array|Function|\w*Error|DOMException|Map|Set|Date|RegExp|(?:Shared)?ArrayBuffer|DataView|\w+Array|Number|String|Boolean|BigInt|Symbol|Promise|Weak(?:Map|Set)|(?:Async)?Iterator)$/;

const WEB_CLASSES: Readonly<Record<string, WebClass | undefined>> = {
  // What has a name like `constructor` must not be found.
  // @ts-expect-error -- it is no class
  __proto__: null,
  URL: 'url',
  URLSearchParams: 'searchParams',
  Headers: 'headers',
  AbortSignal: 'signal',
};

/** Those that programs extend for objects of their own. */
const EXTENDED = /^(?:EventTarget|Event)$/;

const CLONE_SYMBOL = /^(?:messaging_|nodejs\.messaging\b|kClone$|kDeserialize$|kTransfer)/;

/** From the nearest prototype on, the first about which there is something to say. */
function judge(start: object): Verdict {
  let verdict: Verdict = 'own';
  for (let holder: object | null = start; holder !== null;) {
    if (types.isProxy(holder)) {
      verdict = 'guarded';
      break;
    }
    if (isObjectPrototype(holder)) break;
    const found = judgeOne(holder, holder === start);
    if (found !== undefined) verdict = found;
    if (found !== undefined && found !== 'builtIn') break;
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  verdicts.set(start, verdict);
  return verdict;
}

/**
 * Classes that users write become plain objects, as with structured clone. Classes of the platform (Blob,
 * MessagePort, KeyObject, iterators, Intl …) are left to the platform to carry or refuse. They are known by
 * native constructors or methods, by the symbols with which Node and Deno mark them, or as globals.
 */
function judgeOne(holder: object, isNearest: boolean): Verdict | undefined {
  // What stands for a value that is not there yet would arrive as an empty object.
  if (Object.hasOwn(holder, Symbol.for('palitra.coroutine'))) {
    return { refusal: 'a coroutine (run it, and pass what it returns)' };
  }
  const constructor = constructorOf(holder);
  const isOwn = constructor?.prototype === holder;
  const name = isOwn ? constructor.name : '';
  const isBuiltIn = isOwn && isNative(constructor);
  const isGlobal = isOwn && isPlatformGlobal(constructor, isBuiltIn);
  if ((isBuiltIn || name === 'DOMException') && KNOWN_BUILT_INS.test(name)) return 'builtIn';
  const webClass = isGlobal ? WEB_CLASSES[name] : undefined;
  if (webClass !== undefined) return webClass;
  if (typeof ownMethod(holder, 'then') === 'function') {
    return { refusal: 'a thenable (await it first)' };
  }
  if (isBuiltIn || isMarkedByPlatform(holder)) return 'platform';
  if (isGlobal && (isNearest || !EXTENDED.test(name))) return 'unsure';
  // Iterators have no constructor, nor have the segments of a text.
  const step =
    constructor === undefined && (ownMethod(holder, 'next') ?? ownMethod(holder, 'containing'));
  return typeof step === 'function' && isNative(step) ? 'platform' : undefined;
}

function isMarkedByPlatform(prototype: object): boolean {
  if (hostObjectBrand !== undefined && Object.hasOwn(prototype, hostObjectBrand)) return true;
  return Object.getOwnPropertySymbols(prototype).some(({ description }) =>
    CLONE_SYMBOL.test(description ?? ''),
  );
}

/** Is it the `Object.prototype` of this realm or of another one (`node:vm`, Jest)? */
function isObjectPrototype(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  if (Object.getPrototypeOf(prototype) !== null) return false;
  const constructor = constructorOf(prototype);
  return constructor?.name === 'Object' && isNative(constructor);
}

/** A class that the platform offers under a global name; a program would make one that can be enumerated. */
function isPlatformGlobal(constructor: Function, isBuiltIn: boolean): boolean {
  const { name } = constructor;
  if (!/^[A-Z]/.test(name)) return false;
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  if (descriptor === undefined || (descriptor.enumerable === true && !isBuiltIn)) return false;
  return (globalThis as Record<string, unknown>)[name] === constructor;
}

function constructorOf(prototype: object): Function | undefined {
  const constructor = ownMethod(prototype, 'constructor');
  return typeof constructor === 'function' ? constructor : undefined;
}

function ownMethod(prototype: object, key: string): Function | undefined {
  const method = Object.getOwnPropertyDescriptor(prototype, key)?.value as unknown;
  return typeof method === 'function' ? method : undefined;
}

export function className(prototype: object): string {
  return constructorOf(prototype)?.name ?? 'Object';
}

export function isNative(constructor: Function): boolean {
  return Function.prototype.toString.call(constructor).includes('[native code]');
}

/** An object that only inherits from such a class is plain. */
function isReal(webClass: WebClass, value: object): boolean {
  return can(() => webReaders[webClass](value));
}

/** What is in the internal slots of these, whatever their own properties say. They throw for anything else. */
export const webReaders: {
  readonly url: (value: object) => string;
  readonly searchParams: (value: object) => string;
  readonly headers: (value: object) => [name: string, value: string][];
  readonly signal: (value: object) => boolean;
} = {
  url: (value) => Reflect.get(URL.prototype, 'href', value),
  searchParams: (value) => URLSearchParams.prototype.toString.call(value),
  headers: (value) => [...Headers.prototype.entries.call(value)],
  signal: (value) => Reflect.get(AbortSignal.prototype, 'aborted', value),
};

/** No code of the user's may run for it, so what has properties is not tried. */
function askPlatform(value: object): ObjectClass {
  if (hostObjectBrand !== undefined && hostObjectBrand in value) return 'platform';
  if (Object.keys(value).length === 0) {
    const copy = tryClone(value);
    // It may need a transfer list, and otherwise the platform says why it refuses.
    if (copy === undefined || !isLost(copy)) return 'platform';
  }
  return { refusal: `a platform object (${className(Object.getPrototypeOf(value) as object)})` };
}

/**
 * Node makes `{}` of what it cannot carry (an Event, on Node 20 a Response), and so does Deno (a CryptoKey
 * that has come from another thread): worse than an error.
 */
export function isLost(copy: object): boolean {
  return isObjectPrototype(Object.getPrototypeOf(copy) as object);
}

/** Undefined for what structured clone does not take. */
export function tryClone(value: object): object | undefined {
  try {
    return clone(value);
  } catch {
    return undefined;
  }
}
