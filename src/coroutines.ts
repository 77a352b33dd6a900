import { fileURLToPath } from 'node:url';
import { callerFile } from './caller/caller-file.ts';
import { findOrigin, resolveModule, type ModuleOrigin } from './caller/resolve.ts';
import { sourceProperties, type ModuleSource } from './coroutine-source.ts';
import { Coroutine } from './coroutine.ts';
import type { Builtin, BuiltinName, Coroutines } from './types.ts';
import type { ModuleTarget } from './wire/messages.ts';

/** The coroutine functions of the namespaces under it, by their module. */
type Member = ((...args: unknown[]) => Coroutine<unknown>) & Record<string, unknown>;

/**
 * Makes a coroutine function of every function that a module exports. The module is an ordinary module:
 * it is imported once, on the loop thread, when the first of its coroutines runs, and keeps its state.
 *
 * `specifier` is a `file:` or `data:` URL, an absolute path, a `node:` builtin, or, with `from`, whatever
 * an `import` in that file can name: a relative path, a package, a subpath import. It is resolved here,
 * at once. In the REPL, where there is no file, `from` may be left out: it is the current folder.
 *
 * In TypeScript, `coroutines<typeof import('./api.js')>('./api.js', import.meta)` has the types of the
 * module; one of Node's own has them by its name, where `@types/node` is in use.
 *
 * @throws {TypeError} for a relative or bare specifier without `from`.
 * @throws {Error} with code `ERR_MODULE_NOT_FOUND` or `ERR_PACKAGE_PATH_NOT_EXPORTED` when a package cannot be resolved.
 *
 * @example
 * ```js
 * import { coroutines, run } from 'palitra';
 *
 * const dns = coroutines('node:dns/promises');
 * console.log(run(dns.lookup('localhost')).address);
 * ```
 */
// Two type parameters, so that `coroutines<typeof import('./api.js')>(…)` means the other signature; the
// second becomes what it extends.
export function coroutines<const Name extends BuiltinName, M extends Builtin<Name>>(
  specifier: Name,
  from?: ModuleOrigin,
): Coroutines<M>;
export function coroutines<M>(specifier: string | URL, from?: ModuleOrigin): Coroutines<M>;
export function coroutines(specifier: string | URL, from?: ModuleOrigin): object {
  const url = resolveModule(specifier, from, coroutines);
  const name = moduleName(url, specifier);
  const importer = from === undefined ? callerFile(coroutines) : (findOrigin(from) ?? '');
  return createNamespace({ url, name, importer: pathOf(importer), path: [] });
}

/**
 * An object that makes its members when they are first asked for. They are then own properties, so
 * that calling `api.load(1)` again and again goes through no proxy.
 */
export function createNamespace(module: ModuleSource): object {
  const description = `coroutines of ${module.name}`;
  return Object.create(memberSource(module, description)) as object;
}

function memberSource(module: ModuleSource, description: string): object {
  const { path } = module;
  const call = `${['api', ...path].join('.')}(…)`;
  const said = sourceProperties({ description, call, module });
  return new Proxy(Object.create(null) as object, {
    get(_, key, receiver): unknown {
      if (key === Symbol.toStringTag) return 'Coroutines';
      // Not thenable: `await api` gives the namespace itself.
      if (typeof key === 'symbol') return said[key];
      if (key === 'then' || key === 'toJSON' || key === '$$typeof') return undefined;
      if (key === 'toString') return said[Symbol.toPrimitive];
      const member = createMember({ ...module, path: [...path, key] });
      Object.defineProperty(receiver, key, { value: member });
      return member;
    },
    has: (_, key) => (typeof key === 'symbol' ? key in said : key !== 'then'),
  });
}

function createMember(module: ModuleSource): Member {
  const { url, name, importer, path } = module;
  const label = `${name}#${path.join('.')}`;
  const target: ModuleTarget = { kind: 'module', url, path, label, importer };
  function coroutineFunction(...args: unknown[]): Coroutine<unknown> {
    return new Coroutine({ target, args, isConstruction: new.target !== undefined });
  }
  // What stands on every function would hide members of the same name in a nested namespace.
  for (const key of ['name', 'length'] as const)
    delete (coroutineFunction as unknown as Partial<Member>)[key];
  Object.setPrototypeOf(coroutineFunction, memberSource(module, `coroutine function ${label}`));
  return coroutineFunction as unknown as Member;
}

/** How the module is called in messages: short, and recognisable. */
function moduleName(url: string, specifier: string | URL): string {
  if (url.startsWith('data:')) return 'data:…';
  if (!url.startsWith('file:')) return url;
  const asked = String(specifier);
  const isPackage = !/^(\.{0,2}[/\\]|[a-z]+:)/i.test(asked);
  return isPackage ? asked : (fileURLToPath(url).split(/[/\\]/).pop() ?? url);
}

/** As the platform names a file in its messages. */
function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}
