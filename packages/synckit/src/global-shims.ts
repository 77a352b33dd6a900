import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { GlobalShim } from './types.ts';

export const dataUrl = (code: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(code)}`);

export const md5Hash = (text: string): string => createHash('md5').update(text).digest('hex');

/** The statement that loads a module, and sets a global to one of its exports. */
export const encodeImportModule = (
  moduleNameOrGlobalShim: GlobalShim | string,
  type: 'import' | 'require' = 'import',
): string => {
  const { moduleName, globalName, named, conditional }: GlobalShim =
    typeof moduleNameOrGlobalShim === 'string'
      ? { moduleName: moduleNameOrGlobalShim }
      : moduleNameOrGlobalShim;
  const name = named?.trim();
  const isImport = type === 'import';
  const binding = name
    ? `{${named}}`
    : isImport && named === null
      ? `* as ${globalName}`
      : globalName;
  const load = isImport
    ? `import${globalName ? ` ${binding} from` : ''} ${JSON.stringify(isAbsolute(moduleName) ? pathToFileURL(moduleName) : moduleName)}`
    : `${globalName ? `const ${binding}=` : ''}require(${JSON.stringify(moduleName)})`;
  if (!globalName) return load;
  const set = `globalThis.${globalName}=${name ? named : globalName}`;
  return `${load};${conditional === false ? '' : `if(!globalThis.${globalName})`}${set}`;
};

export const _generateGlobals = (globalShims: GlobalShim[], type: 'import' | 'require'): string =>
  globalShims.map((shim) => encodeImportModule(shim, type)).join(';');

/** The statements of all shims, with names that hold wherever they are run. */
export const generateGlobals = (
  workerPath: string,
  globalShims: GlobalShim[],
  type: 'import' | 'require' = 'import',
): string =>
  _generateGlobals(
    type === 'import'
      ? globalShims.map((shim) => ({
          ...shim,
          moduleName: addressOf(shim.moduleName, workerPath) ?? shim.moduleName,
        }))
      : globalShims,
    type,
  );

/** Where a package is, seen from the worker file; undefined if it is not there. */
export function addressOf(name: string, workerPath: string): string | undefined {
  if (name.startsWith('node:')) return name;
  try {
    return pathToFileURL(createRequire(workerPath).resolve(name)).href;
  } catch {
    return undefined;
  }
}
