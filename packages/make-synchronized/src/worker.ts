// Runs on the loop thread: reads and calls what a module exports.
import { describe, type Description } from './describe.ts';
import { serverSymbol } from './server.ts';

(globalThis as Record<symbol, unknown>)[serverSymbol] = true;

export async function information(source: string, path: readonly string[]): Promise<Description> {
  return describe((await find(source, path)).value);
}

export async function read(source: string, path: readonly string[]): Promise<unknown> {
  return (await find(source, path)).value;
}

export async function ownKeys(source: string, path: readonly string[]): Promise<string[]> {
  const { value } = await find(source, path);
  return Reflect.ownKeys(value as object).filter((key) => typeof key === 'string');
}

export async function apply(
  source: string,
  path: readonly string[],
  args: unknown[],
): Promise<unknown> {
  const { value, receiver } = await find(source, path);
  return Reflect.apply(value as () => unknown, receiver, args);
}

async function find(
  source: string,
  path: readonly string[],
): Promise<{ value: unknown; receiver: unknown }> {
  let value = (await import(source)) as unknown;
  let receiver: unknown;
  for (const name of path) {
    receiver = value;
    value = Reflect.get(Object(value) as object, name, value);
  }
  return { value, receiver };
}
