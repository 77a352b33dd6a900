/**
 * A value that the platform's `fetch` converts and judges, as it crosses to the loop thread. Primitives do
 * as they are, but for symbols; of an object only this thread can say what text it is.
 */
export type Crossing =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | { readonly kind: 'symbol'; readonly description: string | undefined }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: object };

/** Headers of whatever kind, read as the platform reads them, and nothing judged. */
export type CrossingHeaders =
  | { readonly kind: 'list'; readonly items: readonly (Crossing | readonly Crossing[])[] }
  | { readonly kind: 'record'; readonly properties: readonly CrossingProperty[] }
  | Crossing;

type CrossingProperty = readonly [key: Crossing, value: Crossing, isEnumerable: boolean];

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** @throws what the object's `toString()` throws. */
export function textOf(value: unknown): string {
  return String(value);
}

/** For what the platform makes a text of. @throws what the object's `toString()` throws. */
export function crossingText(value: unknown): Crossing {
  return isObject(value) ? { kind: 'text', text: textOf(value) } : crossingPrimitive(value);
}

/** For what the platform only asks whether it is there: which object it is means nothing. */
export function crossingFlag(value: unknown): Crossing {
  return isObject(value) ? { kind: 'value', value: {} } : crossingPrimitive(value);
}

/** For what the platform uses as it is. */
export function crossingValue(value: unknown): Crossing {
  return isObject(value) ? { kind: 'value', value } : crossingPrimitive(value);
}

function crossingPrimitive(value: unknown): Crossing {
  if (typeof value !== 'symbol') return value as Crossing;
  return { kind: 'symbol', description: value.description };
}

export function crossingHeaders(headers: unknown): CrossingHeaders {
  if (!isObject(headers)) return crossingPrimitive(headers);
  const iterate: unknown = (headers as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (iterate !== undefined && iterate !== null) {
    return { kind: 'list', items: Array.from(headers as Iterable<unknown>, crossingPair) };
  }
  const properties = Reflect.ownKeys(headers).map((key): CrossingProperty => {
    const isEnumerable = Object.prototype.propertyIsEnumerable.call(headers, key);
    return [crossingPrimitive(key), crossingText(Reflect.get(headers, key)), isEnumerable];
  });
  return { kind: 'record', properties };
}

function crossingPair(pair: unknown): Crossing | readonly Crossing[] {
  if (!isObject(pair) || !(Symbol.iterator in pair)) return crossingFlag(pair);
  return Array.from(pair as Iterable<unknown>, crossingText);
}
