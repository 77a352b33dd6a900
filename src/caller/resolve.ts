import { existsSync, statSync } from 'node:fs';
import nodeModule from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveError } from '../runtime/import-error.ts';
import { isNodeModule } from '../runtime/node-modules.ts';
import { isCalledAtPrompt } from './caller-file.ts';
import { resolvePackage } from './resolve-package.ts';
import { resolvePnp } from './resolve-pnp.ts';

/**
 * Where a module specifier is written: `import.meta`, a file's URL, or its path (`__filename`). What
 * `__filename` is in `node -e` and in a script on standard input stands for the current folder.
 *
 * @example
 * ```js
 * import { coroutines } from 'palitra';
 *
 * console.log(String(coroutines('./api.js', import.meta))); // [coroutines of api.js]
 * console.log(String(coroutines('./api.js', import.meta.url))); // [coroutines of api.js]
 * // In CommonJS: coroutines('./api.js', __filename)
 * ```
 */
export type ModuleOrigin = ImportMeta | string | URL;

/** What Node calls code that is in no file: `[eval]`, `[stdin]`, `[worker eval]`, `<repl>`; in Bun's workers `blob:…`. */
const NO_FILE = /^(?:\[.+\]|<.+>|blob:.+)$/;

/**
 * The absolute URL that a specifier means in a file. The loop thread can import nothing else, because
 * its own code has no place in the file system. `callee` is the function that was called without `from`,
 * which at a prompt nobody can give.
 */
export function resolveModule(
  specifier: string | URL,
  from: ModuleOrigin | undefined,
  callee?: (...args: never[]) => unknown,
): string {
  if (specifier instanceof URL) return specifier.href;
  if (typeof specifier !== 'string') {
    throw new TypeError(
      `coroutines() takes a module specifier, such as coroutines('./api.js', import.meta), not ${specifier === null ? 'null' : typeof specifier}.`,
    );
  }
  if (/^(?:file|data|node|https?|blob):/.test(specifier)) return specifier;
  if (isAbsolute(specifier)) return pathToFileURL(specifier).href;
  if (from === undefined) {
    if (isNodeModule(specifier)) return `node:${specifier}`;
    if (callee !== undefined && isCalledAtPrompt(callee)) return resolveModule(specifier, '<repl>');
    throw new TypeError(
      `coroutines('${specifier}') cannot be resolved without knowing where it is written. ` +
        `Write coroutines('${specifier}', import.meta), or coroutines('${specifier}', __filename) in CommonJS.`,
    );
  }
  const origin = originUrl(from, `coroutines('${specifier}', …)`);
  const isRelative = /^\.{1,2}(?:\/|$)/.test(specifier);
  if (isRelative && !URL.canParse(specifier, origin)) {
    throw new TypeError(
      `coroutines('${specifier}') cannot be resolved in ${abridge(origin)}, which is in no folder. Give the absolute URL of the module.`,
    );
  }
  if (isRelative && !origin.startsWith('file:')) return new URL(specifier, origin).href;
  if (isRelative) {
    const url = new URL(specifier, origin);
    // Hooks may know better (a `.js` that is a `.ts`), but only where the plain answer does not exist.
    return existsSync(url) ? url.href : (askPlatform(specifier, from) ?? url.href);
  }
  if (isNodeModule(specifier)) return `node:${specifier}`;
  return askPlatform(specifier, from) ?? resolveFrom(specifier, origin);
}

function abridge(url: string): string {
  return url.length > 40 ? `${url.slice(0, 40)}…` : url;
}

/** The URL of the file that `from` means; undefined when it means none. */
export function findOrigin(from: ModuleOrigin): string | undefined {
  const origin: unknown =
    typeof from === 'object' && !(from instanceof URL)
      ? (from as { url?: unknown } | null)?.url
      : String(from);
  if (typeof origin === 'string' && NO_FILE.test(origin)) {
    return pathToFileURL(join(process.cwd(), '[eval]')).href;
  }
  if (typeof origin === 'string' && /^[a-z][a-z+.-]+:/i.test(origin)) return origin;
  if (typeof origin === 'string' && isAbsolute(origin)) {
    const isFolder = statSync(origin, { throwIfNoEntry: false })?.isDirectory() === true;
    return pathToFileURL(isFolder ? join(origin, '[folder]') : origin).href;
  }
  return undefined;
}

/**
 * The URL of the file where `call` is written.
 *
 * @throws {TypeError} when `from` does not tell.
 */
export function originUrl(from: ModuleOrigin, call: string): string {
  const origin = findOrigin(from);
  if (origin !== undefined) return origin;
  const hint =
    typeof from === 'object' && from !== null && !(from instanceof URL)
      ? ' This import.meta has no url: a bundler or compiler that writes CommonJS has emptied it; give __filename instead.'
      : '';
  throw new TypeError(
    `The second argument of ${call} says where the call is written: ` +
      `import.meta, a file: URL, or an absolute path (__filename).${hint}`,
  );
}

/** `import.meta.resolve` answers as an `import` in that very file would, hooks and conditions included. */
function askPlatform(specifier: string, from: ModuleOrigin): string | undefined {
  const resolve = (from as { resolve?: unknown }).resolve;
  if (typeof resolve !== 'function') return undefined;
  try {
    return (resolve as (specifier: string) => string).call(from, specifier);
  } catch (error) {
    throw resolveError(error);
  }
}

/** For a path or URL, where the platform cannot be asked what an `import` there would find. */
function resolveFrom(specifier: string, origin: string): string {
  const file = fileURLToPath(origin);
  const resolved = resolvePackage(specifier, file) ?? resolvePnp(specifier, file);
  if (resolved !== undefined) return resolved;
  try {
    // Not by its plain name, under which webpack would try to resolve the specifier when it bundles.
    return pathToFileURL(nodeModule.createRequire(origin).resolve(specifier)).href;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    // As `import` says it, which is what will be done with the module.
    throw Object.assign(new Error(`Cannot find package '${specifier}' imported from ${file}`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
  }
}
