import type { ModuleSource } from './coroutine-source.ts';
import { Coroutine } from './coroutine.ts';
import { isPalitraError } from './errors.ts';
import type { RunOptions } from './options.ts';
import type { BlockingRunner } from './sync-functions.ts';
import type { ModuleTarget } from './wire/messages.ts';
import type { ModuleMember, ModuleNode } from './wire/module-members.ts';

/** A value as it was read, or a property that throws. */
type Built = { readonly value: unknown } | { readonly get: () => unknown };

/**
 * Imports a module on the loop thread and builds its like here: the same names, values by value, functions
 * that block, and objects that hold functions as objects of the same.
 */
export function importValues(
  module: ModuleSource,
  limits: RunOptions | undefined,
  runner: () => BlockingRunner,
): object {
  const { url, name, importer, path } = module;
  const about = {
    kind: 'module',
    url,
    path: [],
    label: `the values of ${name}`,
    importer,
  } as const;
  const tell = (of: readonly string[], shouldRead: boolean): Coroutine<unknown> =>
    new Coroutine({ target: about, args: [of, shouldRead], isConstruction: false });
  const nodes = runner().run(tell(path, false), limits) as readonly ModuleNode[];
  const values = nodes.filter(({ kind }) => kind === 'value');
  const outcomes = runner().gatherSettled(
    values.map((node) => tell(node.path, true)),
    limits,
  );
  const built: Built[] = nodes.map((node): Built => {
    if (node.kind === 'value') return read(outcomes[values.indexOf(node)]!);
    return { value: emptyOf(node, call(node)) };
  });
  for (const [index, node] of nodes.entries()) {
    for (const member of node.members) define(built[index]!, member, node);
  }
  const root = built[0]!;
  if ('get' in root) return root.get() as object;
  return root.value as object;

  function call({ path: names }: ModuleNode): (...args: unknown[]) => unknown {
    const target: ModuleTarget = { ...about, path: names, label: `${name}#${names.join('.')}` };
    return function (...args) {
      const isConstruction = new.target !== undefined;
      return runner().run(new Coroutine({ target, args, isConstruction }), limits);
    };
  }

  function define(
    holder: Built,
    { key, isEnumerable, kind, value }: ModuleMember,
    node: ModuleNode,
  ): void {
    const property: Built =
      kind === 'node'
        ? built[value as number]!
        : kind === 'primitive'
          ? { value }
          : { get: () => runner().run(tell([...node.path, key], true), limits) };
    const object = (holder as { readonly value: object }).value;
    Object.defineProperty(object, key, {
      ...property,
      ...('value' in property && node.kind !== 'module' ? { writable: true } : {}),
      enumerable: isEnumerable,
      configurable: true,
    });
  }
}

/** @throws what says that the loop thread has been lost: that is not a matter of this value. */
function read(outcome: PromiseSettledResult<unknown>): Built {
  if (outcome.status === 'fulfilled') return { value: outcome.value };
  const reason: unknown = outcome.reason;
  if (isPalitraError(reason) && reason.code !== 'ERR_PALITRA_UNCLONEABLE') throw reason;
  return {
    get: () => {
      throw reason;
    },
  };
}

function emptyOf({ kind, name, length }: ModuleNode, fn: (...args: unknown[]) => unknown): object {
  if (kind === 'array') return [];
  if (kind === 'module') {
    return Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }) as object;
  }
  if (kind !== 'function') return {};
  Object.defineProperty(fn, 'name', { value: name, configurable: true });
  Object.defineProperty(fn, 'length', { value: length, configurable: true });
  return fn;
}
