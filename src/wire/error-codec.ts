import { isBun, isDeno, isNode } from '../runtime/which.ts';
import { shortenOwnFrames } from '../runtime/own-frames.ts';
import { classify, isDomException } from './classify.ts';
import type { Decoder } from './decode.ts';
import type { Encoder } from './encode.ts';
import { errorClassKey, errorPrototype, QuotaExceededErrorClass } from './error-classes.ts';
import { clone } from './natives.ts';

/** What an error has by itself is not enumerable, and crosses all the same. */
const FIELDS = new Set(['name', 'message', 'cause', 'errors', 'error', 'suppressed']);

/** Where Bun made an error, which its stack says as well; `sourceURL` may be as long as palitra's code. */
const BUN_FIELDS = new Set(['line', 'column', 'originalLine', 'originalColumn', 'sourceURL']);

/** Bun's own errors have their code from a class for each code. */
const GIVEN_BY_CLASS = isBun ? ['name', 'message', 'code'] : ['name', 'message'];

/** How the object is made, before its class and properties are put right. */
const PLAIN_ERROR = 0;
const DOM_EXCEPTION = 1;
const QUOTA_EXCEEDED = 2;

const brand = Symbol.for('palitra.error');

interface Property {
  readonly key: string;
  readonly value: unknown;
  readonly isEnumerable: boolean;
}

/** Writes everything of an error that its tag and number do not say. */
export function encodeError(encoder: Encoder, error: object): void {
  const kind = kindOf(error);
  const key = errorClassKey(error);
  encoder.u8(kind);
  encoder.string(key);
  if (kind !== PLAIN_ERROR) {
    encoder.string(readText(error, 'message'));
    encoder.string(readText(error, 'name'));
  }
  if (kind === QUOTA_EXCEEDED) {
    encoder.value(readNumber(error, 'quota'));
    encoder.value(readNumber(error, 'requested'));
  }
  encoder.string(stackOf(error));
  encoder.contents(() => {
    const properties = propertiesOf(error, kind === PLAIN_ERROR ? errorPrototype(key) : undefined);
    encoder.varint(properties.length);
    for (const { key, value, isEnumerable } of properties) {
      encoder.string(key);
      encoder.u8(isEnumerable ? 1 : 0);
      encoder.property(key, value);
    }
  });
}

/** Makes the error that {@link encodeError} described. */
export function decodeError(decoder: Decoder): object {
  const kind = decoder.u8();
  const key = decoder.string();
  const error = kind === PLAIN_ERROR ? bareError() : decodeDomException(decoder, kind);
  Object.setPrototypeOf(error, errorPrototype(key) ?? Object.getPrototypeOf(error));
  defineStack(error, decoder.string());
  decoder.remember(error);
  decoder.contents(() => {
    for (let count = decoder.varint(); count > 0; count--) {
      const property = decoder.string();
      const isEnumerable = decoder.u8() === 1;
      define(error, property, decoder.present(), isEnumerable);
    }
    // Makes `instanceof` work for it, whichever copy of the package it came from.
    if (key.startsWith('palitra:')) define(error, brand, (error as { code?: unknown }).code, false);
  });
  return error;
}

function kindOf(error: object): number {
  if (!isDomException(error)) return PLAIN_ERROR;
  const isQuota = QuotaExceededErrorClass !== undefined && error instanceof QuotaExceededErrorClass;
  return isQuota ? QUOTA_EXCEEDED : DOM_EXCEPTION;
}

function decodeDomException(decoder: Decoder, kind: number): object {
  const message = decoder.string();
  const name = decoder.string();
  if (kind === DOM_EXCEPTION) return new DOMException(message, name);
  const options = { quota: decoder.value(), requested: decoder.value() };
  return new QuotaExceededErrorClass!(message, options);
}

/** An error whose own stack, which is replaced anyway, is not collected. */
function bareError(): Error {
  // Under --frozen-intrinsics an assignment would throw.
  const limit = Error.stackTraceLimit;
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return new Error();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}

/**
 * All that is enumerable; what is hidden only if it can be copied, for it is often the inside of a
 * library's errors. A name or message that the class on the other side would not give comes along too.
 */
function propertiesOf(error: object, prototype: object | undefined): Property[] {
  const properties: Property[] = [];
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'stack') continue;
    const outcome = read(error, key);
    if (outcome === undefined) continue;
    const value = key === 'message' ? withoutOwnUrl(outcome.value) : outcome.value;
    const isEnumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    if (isBun && !isEnumerable && BUN_FIELDS.has(key)) continue;
    if (
      isDeno &&
      key === 'toString' &&
      typeof value === 'function' &&
      Object.hasOwn(error, 'code')
    ) {
      // Those of Deno's own errors that have a code have this as well, for all to see.
      continue;
    }
    if (isEnumerable || FIELDS.has(key) || canBeCopied(value)) {
      properties.push({ key, value, isEnumerable });
    }
  }
  if (prototype === undefined) return properties;
  for (const key of GIVEN_BY_CLASS) {
    const value = read(error, key)?.value;
    const isGiven = value === undefined || value === read(prototype, key)?.value;
    if (isGiven || Object.hasOwn(error, key)) continue;
    properties.push({ key, value, isEnumerable: false });
  }
  return properties;
}

/** Of a relative URL Deno says what it is relative to: all of palitra's code. */
function withoutOwnUrl(message: unknown): unknown {
  return typeof message === 'string' ? shortenOwnFrames(message) : message;
}

/** Of a Response or an AbortSignal, structured clone would make an empty object: such is refused as well. */
function canBeCopied(value: unknown): boolean {
  try {
    if (typeof value === 'object' && value !== null) {
      const objectClass = classify(value);
      if (typeof objectClass === 'object' || objectClass === 'signal') return false;
      if (objectClass === 'url' || objectClass === 'searchParams') return true;
      if (objectClass === 'headers') return true;
    }
    clone(value);
    return true;
  } catch {
    return false;
  }
}

/** A getter that throws hides its own value and nothing else. */
function read(error: object, key: string): { readonly value: unknown } | undefined {
  try {
    return { value: (error as Record<string, unknown>)[key] };
  } catch {
    return undefined;
  }
}

function readText(error: object, key: string): string {
  const value = read(error, key)?.value;
  return typeof value === 'string' ? value : '';
}

function readNumber(error: object, key: string): number | null {
  const value = read(error, key)?.value;
  return typeof value === 'number' ? value : null;
}

/** The frames of palitra's own code on the loop thread tell the user nothing. */
function stackOf(error: object): string {
  const stack = read(error, 'stack')?.value;
  // Deleted, or made of something else by `Error.prepareStackTrace`: one line, for frames to follow.
  if (typeof stack !== 'string') {
    return `${readText(error, 'name') || 'Error'}: ${readText(error, 'message')}`;
  }
  const text = shortenOwnFrames(stack);
  if (!text.includes('palitra/worker')) return text;
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*palitra\/worker/.test(line))
    .join('\n');
}

/**
 * Node 20 would first write the stack that stands there, by the program's `Error.prepareStackTrace`: so it is
 * taken away. What that function calls could read messages, in the middle of this one. If it is called and
 * throws all the same, the message must be read on: whoever waits for it, and what comes after it, need it.
 */
function defineStack(error: object, stack: string): void {
  try {
    if (isNode) Reflect.deleteProperty(error, 'stack');
    define(error, 'stack', stack, false);
  } catch {
    // It is as unreadable as that of any other error of this program.
  }
}

function define(target: object, key: PropertyKey, value: unknown, isEnumerable: boolean): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: isEnumerable,
    writable: true,
    configurable: true,
  });
}
