import { AsyncLocalStorage } from 'node:async_hooks';
import type { Decoder } from './decode.ts';
import type { Encoder } from './encode.ts';

/** The shared contexts of this thread, by name; every copy of the package finds the same ones. */
const storages: Map<string, AsyncLocalStorage<unknown>> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for('palitra.contexts')
] ??= new Map()) as Map<string, AsyncLocalStorage<unknown>>;

/** A context's name and its value at some moment. */
export type ContextEntry = readonly [name: string, value: unknown];

export function hasContext(name: string): boolean {
  return storages.has(name);
}

export function contextStorage(name: string): AsyncLocalStorage<unknown> {
  let storage = storages.get(name);
  if (storage === undefined) {
    storage = new AsyncLocalStorage();
    storages.set(name, storage);
  }
  return storage;
}

/** The contexts that have a value here and now; undefined, at no cost, when none is in use. */
export function currentContexts(): ContextEntry[] | undefined {
  if (storages.size === 0) return undefined;
  const entries: ContextEntry[] = [];
  for (const [name, storage] of storages) {
    const value = storage.getStore();
    if (value !== undefined) entries.push([name, value]);
  }
  return entries.length === 0 ? undefined : entries;
}

/** Runs the body where the contexts have these values. */
export function runInContexts<R>(entries: readonly ContextEntry[], body: () => R, index = 0): R {
  const entry = entries[index];
  if (entry === undefined) return body();
  const [name, value] = entry;
  return contextStorage(name).run(value, () => runInContexts(entries, body, index + 1));
}

export function writeContexts(encoder: Encoder, entries: readonly ContextEntry[]): void {
  encoder.varint(entries.length);
  for (const [name, value] of entries) {
    encoder.string(name);
    encoder.root(value, `context "${name}"`);
  }
}

export function readContexts(decoder: Decoder): ContextEntry[] {
  const entries: ContextEntry[] = [];
  for (let count = decoder.varint(); count > 0; count--) {
    const name = decoder.string();
    entries.push([name, decoder.root()]);
  }
  return entries;
}
