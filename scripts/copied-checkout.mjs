// A copy of the checkout in a temporary folder, which can be changed and built without touching `dist/`: for seeded
// faults, and for the build whose Atomics pause.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Makes the copy, with the tests as they have been compiled; returns its folder, and how to build and remove it. */
export function copyCheckout(name) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), name)));
  for (const name of [
    'package.json',
    'tsconfig.json',
    'tsconfig.base.json',
    'scripts',
    'src',
    '.build',
    'docs',
    'README.md',
  ]) {
    // What the site has installed is no part of any test, and takes minutes to copy.
    const filter = (source) => !source.slice(root.length).includes('node_modules');
    cpSync(join(root, name), join(folder, name), { recursive: true, filter });
  }
  // A fault may leave names that nobody uses any more.
  const base = join(folder, 'tsconfig.base.json');
  writeFileSync(base, readFileSync(base, 'utf8').replaceAll(/("noUnused\w+": )true/g, '$1false'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    build: () => buildIn(folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What the compiler says when it does not compile. */
function buildIn(folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stdout + stderr;
}

/**
 * Puts a fault into the sources of a copy: in `file` below `src/`, `from` is replaced by `to`; or several such
 * changes, one after the other. Returns how to take it out again.
 */
export function plant(folder, { file, from, to, changes = [{ from, to }] }) {
  const path = join(folder, 'src', file);
  const source = readFileSync(path, 'utf8');
  let changed = source;
  for (const { from, to } of changes) {
    const places = changed.split(from).length - 1;
    if (places !== 1)
      throw new Error(`${file} has ${places} places for a fault instead of one: ${from}`);
    changed = changed.replace(from, () => to);
  }
  writeFileSync(path, changed);
  return () => writeFileSync(path, source);
}
