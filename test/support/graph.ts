import { createHash, KeyObject, X509Certificate } from 'node:crypto';
import { BlockList, SocketAddress } from 'node:net';
import { inspect, types } from 'node:util';
import { isBun, isDeno } from './runtime.ts';

/** Longer texts and buffers are described by their length and a hash. */
const LONG = 200;

type Name = (value: unknown) => string;

/**
 * A value as text, one line for each object in it: two values have the same lines when no program could
 * tell them apart by looking. Identity, cycles, holes, `-0`, the order of keys, their flags, classes and
 * buffers that are shared all show. Works for any depth.
 *
 * Of errors the `stack` is left out, and the order of the properties: they differ from thread to thread.
 */
export function describeGraph(root: unknown): string {
  const numbers = new Map<object, number>();
  const objects: object[] = [];
  const name: Name = (value) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
      return describePrimitive(value);
    }
    let number = numbers.get(value);
    if (number === undefined) {
      number = objects.push(value) - 1;
      numbers.set(value, number);
    }
    return `#${number}`;
  };
  const lines = [name(root)];
  for (let index = 0; index < objects.length; index++) {
    lines.push(`#${index} ${describeObject(objects[index]!, name)}`);
  }
  return lines.join('\n');
}

function describePrimitive(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > LONG
      ? `string of ${value.length}: ${hash(Buffer.from(value, 'utf16le'))}`
      : JSON.stringify(value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function hash(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

function describeObject(value: object, name: Name): string {
  if (typeof value === 'function') return `function ${value.name}`;
  const parts = [className(value), describeSlots(value, name)];
  if (!isOpaque(value)) parts.push(...describeProperties(value, name));
  if (!Object.isExtensible(value)) parts.push('not extensible');
  return parts.filter((part) => part !== '').join(' ');
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return 'null';
  const { constructor } = prototype as { constructor?: { name: string; prototype?: unknown } };
  return constructor?.prototype === prototype ? constructor.name : `a kind of ${constructor?.name}`;
}

/** What an object is, beyond its properties. */
function describeSlots(value: object, name: Name): string {
  if (types.isProxy(value)) return '<proxy>';
  if (Array.isArray(value)) return `<array of ${value.length}>`;
  if (types.isMap(value)) {
    const entries = [...Map.prototype.entries.call(value)];
    return `<map ${entries.map(([key, item]) => `${name(key)} => ${name(item)}`).join(', ')}>`;
  }
  if (types.isSet(value))
    return `<set ${[...Set.prototype.values.call(value)].map(name).join(', ')}>`;
  if (types.isDate(value)) return `<date ${Date.prototype.getTime.call(value)}>`;
  if (types.isRegExp(value)) return `<regexp ${String(value)}>`;
  if (types.isBoxedPrimitive(value)) return `<boxed ${describePrimitive(value.valueOf())}>`;
  if (types.isAnyArrayBuffer(value)) return describeBuffer(value);
  if (ArrayBuffer.isView(value)) {
    const length = 'length' in value ? value.length : value.byteLength;
    return `<view from ${value.byteOffset} of ${length} on ${name(value.buffer)}>`;
  }
  if (value instanceof DOMException) {
    return `<DOMException ${name(value.name)} ${name(value.message)} ${value.code}>`;
  }
  if (types.isNativeError(value)) return '<error>';
  if (value instanceof KeyObject) return `<key ${hash(exportKey(value))}>`;
  if (value instanceof X509Certificate) return `<certificate ${value.fingerprint}>`;
  if (value instanceof URL || value instanceof URLSearchParams) return `<${String(value)}>`;
  if (value instanceof Headers) return `<${JSON.stringify([...value])}>`;
  return isOpaque(value) ? `<${inspect(value)}>` : '';
}

function describeBuffer(buffer: ArrayBufferLike): string {
  const { resizable, growable, maxByteLength } = buffer as {
    resizable?: boolean;
    growable?: boolean;
    maxByteLength?: number;
  };
  const bytes = new Uint8Array(buffer);
  const content = bytes.length > LONG ? hash(bytes) : Buffer.from(bytes).toString('hex');
  const limit = resizable === true || growable === true ? ` up to ${maxByteLength}` : '';
  return `<${bytes.length} bytes${limit} ${content}>`;
}

function exportKey(key: KeyObject): Buffer {
  return key.type === 'secret'
    ? key.export()
    : key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'der' });
}

/** Of the platform's own classes the properties are nobody's business. */
function isOpaque(value: object): boolean {
  return (
    value instanceof Blob ||
    value instanceof URL ||
    value instanceof URLSearchParams ||
    value instanceof Headers ||
    types.isCryptoKey(value) ||
    value instanceof KeyObject ||
    value instanceof X509Certificate ||
    value instanceof BlockList ||
    value instanceof SocketAddress ||
    value instanceof MessagePort ||
    value instanceof DOMException
  );
}

function describeProperties(value: object, name: Name): string[] {
  const isError = types.isNativeError(value);
  // A view of many elements has more keys than can be listed.
  if (ArrayBuffer.isView(value) && value.byteLength > 1 << 20) return [];
  let keys = Reflect.ownKeys(value);
  if (ArrayBuffer.isView(value)) keys = keys.filter((key) => !isIndex(key));
  if (Array.isArray(value)) keys = keys.filter((key) => key !== 'length');
  if (types.isStringObject(value)) keys = keys.filter((key) => !isIndex(key) && key !== 'length');
  if (isError) keys = keysOfError(value, keys);
  return keys.map((key) => {
    const {
      enumerable,
      writable,
      configurable,
      get,
      value: item,
    } = Object.getOwnPropertyDescriptor(value, key)!;
    // Those that Bun gives to its own errors cannot be configured.
    const isFixed = !configurable && !(isBun && isError);
    const flags = `${enumerable ? '' : 'e'}${writable ? '' : 'w'}${isFixed ? 'c' : ''}`;
    const label = typeof key === 'symbol' ? String(key) : JSON.stringify(key);
    return `${label}${flags && `!${flags}`}: ${get === undefined ? name(item) : 'getter'}`;
  });
}

function isIndex(key: string | symbol): boolean {
  return typeof key === 'string' && /^\d+$/.test(key);
}

/**
 * Without the stack, and what the runtime's own errors have besides: in Bun where the error was made, in Deno
 * symbols and a `toString`.
 */
function keysOfError(error: object, own: readonly PropertyKey[]): string[] {
  const keys = own.filter((key) => typeof key === 'string' && key !== 'stack') as string[];
  return keys.filter((key) => !isOfRuntime(error, key)).sort();
}

function isOfRuntime(error: object, key: string): boolean {
  if (isDeno) return key === 'toString' && 'code' in error;
  return isBun && /^(?:line|column|originalLine|originalColumn|sourceURL)$/.test(key);
}
