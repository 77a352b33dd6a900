import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  DEFAULT_EXEC_ARGV,
  DEFAULT_TYPES_NODE_VERSION,
  IMPORT_FLAG,
  LOADER_FLAG,
  LOADER_FLAGS,
  NO_STRIP_TYPES,
  NO_STRIP_TYPES_FLAG,
  REQUIRE_ABBR_FLAG,
  REQUIRE_FLAGS,
  STRIP_TYPES_FLAG,
  STRIP_TYPES_NODE_VERSION,
  TRANSFORM_TYPES_FLAG,
  TRANSFORM_TYPES_NODE_VERSION,
  TsRunner,
} from './constants.ts';
import { compareNodeVersion, flagValues } from './flags.ts';
import type { PackageJson } from './types.ts';

export const isFile = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
};

export const hasRequireFlag = (execArgv: string[]): boolean =>
  execArgv.some((arg) => REQUIRE_FLAGS.has(arg));
export const hasImportFlag = (execArgv: string[]): boolean => execArgv.includes(IMPORT_FLAG);
export const hasLoaderFlag = (execArgv: string[]): boolean =>
  execArgv.some((arg) => LOADER_FLAGS.has(arg));

/** Which file is the worker, in which module system, and the options of Node that it needs. */
export const setupTsRunner = (
  workerPath: string,
  options: { execArgv?: string[] | undefined; tsRunner?: TsRunner | undefined } = {},
): {
  ext: string;
  isTs: boolean;
  jsUseEsm: boolean;
  tsRunner: TsRunner | undefined;
  tsUseEsm: boolean;
  workerPath: string;
  pnpApiPath: string | undefined;
  pnpLoaderPath: string | undefined;
  execArgv: string[];
} => {
  let { execArgv = DEFAULT_EXEC_ARGV, tsRunner } = options;
  workerPath = preferSource(workerPath);
  const ext = extname(workerPath);
  const isTs = /\.[cm]?ts$/.test(workerPath);
  const tsUseEsm = isTs && usesModules(workerPath, ext, '.mts', '.cts');
  const jsUseEsm = !isTs && usesModules(workerPath, ext, '.mjs', '.cjs');
  if (isTs) {
    const doesStrip = canStripTypes(execArgv);
    tsRunner ??= defaultRunner(doesStrip);
    execArgv = withRunner(tsRunner, execArgv, tsUseEsm, doesStrip);
  }
  const pnpApiPath = findPnp();
  const pnpLoaderPath = pnpApiPath === undefined ? undefined : loaderOfPnp(pnpApiPath, execArgv);
  if (pnpLoaderPath !== undefined) execArgv = [LOADER_FLAG, pnpLoaderPath, ...execArgv];
  return {
    ext,
    isTs,
    jsUseEsm,
    tsRunner,
    tsUseEsm,
    workerPath,
    pnpApiPath,
    pnpLoaderPath,
    execArgv,
  };
};

/** Outside of node_modules, a TypeScript file beside (or instead of) the named one is meant. */
function preferSource(workerPath: string): string {
  const ext = extname(workerPath);
  if (/[/\\]node_modules[/\\]/.test(workerPath) || !/^(?:|\.[cm]?js)$/.test(ext)) return workerPath;
  const stem = ext === '' ? workerPath : workerPath.slice(0, -ext.length);
  const kind = /^\.[cm]/.exec(ext)?.[0] ?? '.';
  return [`${stem}${kind}ts`, `${stem}${kind}js`].find((file) => isFile(file)) ?? workerPath;
}

function usesModules(path: string, ext: string, esm: string, cjs: string): boolean {
  if (ext === esm || ext === cjs) return ext === esm;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (isFile(file))
      return (JSON.parse(readFileSync(file, 'utf8')) as PackageJson).type === 'module';
    if (folder === dirname(folder)) return false;
  }
}

function canStripTypes(execArgv: readonly string[]): boolean {
  const [strip, transform, not] = [STRIP_TYPES_FLAG, TRANSFORM_TYPES_FLAG, NO_STRIP_TYPES_FLAG].map(
    (flag) => execArgv.indexOf(flag),
  ) as [number, number, number];
  if (not > strip || not > transform) return false;
  return !(strip === -1 && transform === -1 && NO_STRIP_TYPES);
}

function defaultRunner(doesStrip: boolean): TsRunner | undefined {
  if ('bun' in process.versions) return TsRunner.Bun;
  if (doesStrip && compareNodeVersion(STRIP_TYPES_NODE_VERSION) >= 0) return TsRunner.Node;
  try {
    createRequire(join(process.cwd(), 'package.json')).resolve(TsRunner.TsNode);
    return TsRunner.TsNode;
  } catch {
    return undefined;
  }
}

function withRunner(
  runner: TsRunner | undefined,
  execArgv: string[],
  isEsm: boolean,
  doesStrip: boolean,
): string[] {
  const withRequire = (name: string): string[] =>
    hasRequireFlag(execArgv) ? execArgv : [REQUIRE_ABBR_FLAG, name, ...execArgv];
  const withImport = (name: string): string[] =>
    hasImportFlag(execArgv) ? execArgv : [IMPORT_FLAG, name, ...execArgv];
  const withLoader = (name: string): string[] =>
    hasLoaderFlag(execArgv) ? execArgv : [LOADER_FLAG, name, ...execArgv];
  switch (runner) {
    case TsRunner.Bun:
      return execArgv;
    case TsRunner.Node:
      return withStripping(execArgv, doesStrip);
    case TsRunner.TsNode:
      return isEsm ? withLoader('ts-node/esm') : withRequire('ts-node/register');
    case TsRunner.EsbuildRegister:
      return isEsm ? withLoader('esbuild-register/loader') : withRequire('esbuild-register');
    case TsRunner.EsbuildRunner:
      return withRequire('esbuild-runner/register');
    case TsRunner.OXC:
      return withImport('@oxc-node/core/register');
    case TsRunner.SWC:
      return isEsm
        ? withImport('@swc-node/register/esm-register')
        : withRequire('@swc-node/register');
    case TsRunner.TSX:
      return withImport('tsx');
    default:
      throw new Error(`Unknown ts runner: ${String(runner)}`);
  }
}

function withStripping(execArgv: string[], doesStrip: boolean): string[] {
  if (compareNodeVersion(STRIP_TYPES_NODE_VERSION) < 0) {
    throw new Error('type stripping is not supported in this node version');
  }
  if (!doesStrip) throw new Error('type stripping is disabled explicitly');
  if (compareNodeVersion(DEFAULT_TYPES_NODE_VERSION) >= 0) return execArgv;
  const flag =
    compareNodeVersion(TRANSFORM_TYPES_NODE_VERSION) >= 0 ? TRANSFORM_TYPES_FLAG : STRIP_TYPES_FLAG;
  return execArgv.includes(flag) ? execArgv : [flag, ...execArgv];
}

function findPnp(): string | undefined {
  if (!('pnp' in process.versions)) return undefined;
  try {
    return createRequire(import.meta.url).resolve('pnpapi');
  } catch {
    return undefined;
  }
}

/** The loader of Plug'n'Play, unless the thread has it anyway. */
function loaderOfPnp(api: string, execArgv: readonly string[]): string | undefined {
  if (flagValues(REQUIRE_FLAGS).includes(api) || execArgv.includes(api)) return undefined;
  const file = resolve(api, '../.pnp.loader.mjs');
  if (!isFile(file)) return undefined;
  const hasIt = flagValues(LOADER_FLAGS).some((value) => {
    try {
      const path = value.startsWith('file:') ? fileURLToPath(value) : resolve(value);
      return realpathSync(path) === realpathSync(file);
    } catch {
      return false;
    }
  });
  return hasIt ? undefined : pathToFileURL(file).href;
}
