import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { isNode } from './which.ts';

/** Of each major version: from where on tsx 4.23 sees to every thread by itself. */
const SINCE: Readonly<Record<string, readonly [minor: number, patch: number]>> = {
  '20': [Infinity, 0],
  '22': [22, 3],
  '24': [11, 1],
};

/** `tsx`, `tsx/esm`, and what the command `tsx` gives to Node: the file behind one of them. */
const TSX = /^tsx(?:\/esm)?$|\/tsx\/dist\/(?:loader|esm\/index)\.mjs$/;

/**
 * A program that runs through tsx has its loop modules compiled as well. In Node before the versions above
 * tsx registers its hooks on the main thread only, and there such hooks hold for no other thread.
 */
export function extendTsx(): void {
  if (!isNode) return;
  const [major = '', minor, patch] = process.versions.node.split('.');
  const since = SINCE[major];
  if (since === undefined || isAtLeast([Number(minor), Number(patch)], since)) return;
  const loader = importedByFlags().find((specifier) => TSX.test(specifier));
  if (loader === undefined) return;
  // As the flag is resolved.
  const parentURL = new URL(loader, pathToFileURL(`${process.cwd()}/`)).href;
  try {
    // Without data tsx takes this for `--loader`, which it refuses.
    module.register('tsx/esm', { parentURL, data: {} });
  } catch {
    // A tsx that has no such hooks: JavaScript needs none, and TypeScript will be refused with advice.
  }
}

function isAtLeast(version: readonly [number, number], since: readonly [number, number]): boolean {
  return version[0] > since[0] || (version[0] === since[0] && version[1] >= since[1]);
}

/** The modules that `--import` has loaded before this thread's code. */
function importedByFlags(): string[] {
  const flags = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  return flags.flatMap((flag, index) => {
    if (flag === '--import') return flags[index + 1] ?? [];
    return flag.startsWith('--import=') ? flag.slice('--import='.length) : [];
  });
}
