// A project in a temporary folder with the packed tarball installed, and the compiled tests beside it: what a user has.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Makes the project, and returns its folder, the name of the tarball, and how to remove it. */
export function createPackedProject(name) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), name)));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const npm = (args, cwd) =>
      execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    npm(['pack', '--ignore-scripts', '--pack-destination', folder], root);
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'packed', private: true, type: 'module' }),
    );
    npm(['install', '--no-audit', '--no-fund', `./${tarball}`], folder);
    // What only the tests need comes from the checkout.
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name.startsWith('.') || name === 'palitra') continue;
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    // What the package has in one file with others, for the tests of the wire.
    cpSync(join(root, '.build', 'src'), join(folder, 'src'), { recursive: true });
    cpSync(join(root, '.build', 'test'), join(folder, 'test'), {
      recursive: true,
      filter: (source) =>
        !['tooling', 'documents'].some((name) => source.includes(join('test', name))),
    });
    return { folder, tarball, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The tests in it whose names contain one of `wanted`, or all of them. */
export function findTests(folder, wanted) {
  return readdirSync(join(folder, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .sort()
    .map((name) => join('test', name));
}
