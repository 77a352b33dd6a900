import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isNodeModule } from '../runtime/node-modules.ts';

type Exports = string | null | Exports[] | { readonly [key: string]: Exports };

interface PackageJson {
  readonly name?: string;
  readonly exports?: Exports;
  readonly imports?: { readonly [key: string]: Exports };
}

/**
 * The URL of what `import specifier` finds in the "exports" and "imports" of packages around a file, by
 * the algorithm of Node's documentation (ESM_RESOLVE). Undefined where a package has no "exports": the
 * rules of `require` then give the same answer.
 */
export function resolvePackage(specifier: string, file: string): string | undefined {
  if (specifier.startsWith('#')) {
    const scope = findPackage(dirname(file));
    const imports = scope?.json.imports;
    return scope === undefined || imports === undefined
      ? undefined
      : match(imports, specifier, scope.folder);
  }
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const subpath = `.${specifier.slice(name.length)}`;
  const own = findPackage(dirname(file));
  if (own !== undefined && own.json.name === name && own.json.exports !== undefined) {
    return match(subpaths(own.json.exports), subpath, own.folder);
  }
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) {
      const { exports } = readPackage(candidate);
      return exports === undefined ? undefined : match(subpaths(exports), subpath, candidate);
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function readPackage(folder: string): PackageJson {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PackageJson) : {};
}

function findPackage(start: string): { folder: string; json: PackageJson } | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return { folder, json: readPackage(folder) };
    if (folder === dirname(folder)) return undefined;
  }
}

/** `"exports": "./a.js"` and conditions at the top are both about the package itself. */
function subpaths(exports: Exports): { readonly [key: string]: Exports } {
  const isMap =
    typeof exports === 'object' &&
    exports !== null &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((key) => key.startsWith('.'));
  return isMap ? exports : { '.': exports };
}

function match(
  entries: { readonly [key: string]: Exports },
  wanted: string,
  folder: string,
): string | undefined {
  const exact = entries[wanted];
  if (exact !== undefined && !wanted.includes('*')) return toUrl(choose(exact), '', folder);
  const patterns = Object.keys(entries)
    .filter((key) => key.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length);
  for (const pattern of patterns) {
    const [before = '', after = ''] = pattern.split('*');
    if (wanted.startsWith(before) && wanted.endsWith(after) && wanted.length >= pattern.length) {
      const part = wanted.slice(before.length, wanted.length - after.length);
      return toUrl(choose(entries[pattern]!), part, folder);
    }
  }
  return undefined;
}

/** The first condition that holds for an `import`, in the order in which the package lists them. */
function choose(exports: Exports): string | undefined {
  if (typeof exports === 'string') return exports;
  if (exports === null) return undefined;
  if (Array.isArray(exports)) {
    for (const entry of exports) {
      const chosen = choose(entry);
      if (chosen !== undefined) return chosen;
    }
    return undefined;
  }
  const conditions = importConditions();
  for (const [condition, entry] of Object.entries(exports)) {
    if (!conditions.has(condition)) continue;
    const chosen = choose(entry);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** What holds for an `import` in this process. */
export function importConditions(): Set<string> {
  return new Set(['node', 'import', 'module-sync', 'node-addons', 'default', ...userConditions()]);
}

function userConditions(): string[] {
  return process.execArgv.flatMap((argument, index, all) => {
    const [, inline] = /^(?:-C|--conditions)=(.+)$/.exec(argument) ?? [];
    if (inline !== undefined) return [inline];
    return argument === '-C' || argument === '--conditions' ? (all[index + 1] ?? []) : [];
  });
}

/** A file of the package; or, in "imports", a builtin or another package. */
function toUrl(target: string | undefined, part: string, folder: string): string | undefined {
  if (target === undefined) return undefined;
  const filled = target.replaceAll('*', part);
  if (filled.startsWith('node:')) return filled;
  if (isNodeModule(filled)) return `node:${filled}`;
  const file = join(folder, filled);
  if (!target.startsWith('./')) return resolvePackage(filled, join(folder, 'package.json'));
  return pathToFileURL(existsSync(file) ? realpathSync(file) : file).href;
}
