// Runs the tests on the packed tarball of the checkout: all of them, or those whose file names contain one of the
// arguments. Needs the build.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installRuntimes } from '../runtime-tests/runtimes.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const wanted = process.argv.slice(2);
const modules = join(here, 'node_modules');
const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', modules];
const name = execFileSync('npm', pack, { cwd: join(here, '..'), encoding: 'utf8' }).trim();
// What other package managers install in folders of their own.
const tarball = join(modules, 'palitra.tgz');
renameSync(join(modules, name), tarball);
const installed = join(modules, 'palitra');
rmSync(installed, { recursive: true, force: true });
mkdirSync(installed, { recursive: true });
execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
// For all tests together: two that install at the same time are in each other's way.
installRuntimes();
console.log(`Consumers of ${name}:`);

const files = ['bundlers', 'runners', 'loading', 'types']
  .flatMap((folder) => readdirSync(join(here, folder)).map((file) => join(folder, file)))
  .filter((file) => /\.test\.[cm]?js$/.test(file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => basename(file).includes(part)));
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=300000', ...files],
  { cwd: here, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
