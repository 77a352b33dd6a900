import { importAddress } from '../runtime/import-address.ts';
import { importError } from '../runtime/import-error.ts';
import type { ModuleTarget } from '../wire/messages.ts';
import { describeMembers } from './module-members.ts';

type Namespace = Record<string, unknown>;

/** A function, and the object it is called on. */
export interface Callable {
  readonly parent: unknown;
  readonly callee: (...args: unknown[]) => unknown;
}

interface ModuleRecord {
  namespace: Namespace | undefined;
  loading: Promise<Namespace> | undefined;
  attempts: number;
}

const modules = new Map<string, ModuleRecord>();

/** The function that the target names; a promise of it while its module is being imported. */
export function findInModule(target: ModuleTarget): Callable | Promise<Callable> {
  const record = modules.get(target.url);
  if (record?.namespace !== undefined) return lookUp(record.namespace, target);
  return importModule(target).then((namespace) => lookUp(namespace, target));
}

/** Imports once for all callers; after a failure the next call tries again. */
function importModule({ url, importer }: ModuleTarget): Promise<Namespace> {
  let record = modules.get(url);
  if (record === undefined) {
    record = { namespace: undefined, loading: undefined, attempts: 0 };
    modules.set(url, record);
  }
  const { loading } = record;
  if (loading !== undefined) return loading;
  const started = load(record, url, importer);
  record.loading = started;
  return started;
}

async function load(record: ModuleRecord, url: string, importer: string): Promise<Namespace> {
  try {
    record.attempts += 1;
    record.namespace = (await import(importAddress(url, record.attempts))) as Namespace;
    return record.namespace;
  } catch (error) {
    throw importError(error, importer);
  } finally {
    record.loading = undefined;
  }
}

function lookUp(namespace: Namespace, target: ModuleTarget): Callable {
  // No name at all stands for what the module itself can tell.
  if (target.path.length === 0) return { parent: undefined, callee: tellOf(namespace) };
  const { parent, value } = walk(namespace, target.path);
  if (typeof value === 'function') return { parent, callee: value as Callable['callee'] };
  throw new TypeError(describeMiss(namespace, target, value));
}

/** For `sync(api, { values: true })`: what is there, and then each value. */
function tellOf(namespace: Namespace): Callable['callee'] {
  return (path, shouldRead) => {
    const { value } = walk(namespace, path as readonly string[]);
    return shouldRead === true ? value : describeMembers(value, path as readonly string[]);
  };
}

function walk(
  namespace: Namespace,
  path: readonly string[],
): { readonly parent: unknown; readonly value: unknown } {
  let parent: unknown = namespace;
  let value: unknown = namespace;
  for (let index = 0; index < path.length; index++) {
    const name = path[index]!;
    parent = value;
    value = (value as Namespace | undefined | null)?.[name];
    // A CommonJS module's exports are not all found by name; the default export has them.
    if (value === undefined && index === 0) {
      parent = namespace['default'];
      value = (parent as Namespace | undefined | null)?.[name];
    }
  }
  return { parent, value };
}

function describeMiss(namespace: Namespace, target: ModuleTarget, value: unknown): string {
  const functions = Object.keys(namespace).filter((name) => typeof namespace[name] === 'function');
  return (
    `${target.url} exports no function "${target.path.join('.')}"` +
    (value === undefined ? '' : ` (it is of type ${value === null ? 'null' : typeof value})`) +
    `. It exports these functions: ${functions.join(', ') || 'none'}.`
  );
}
