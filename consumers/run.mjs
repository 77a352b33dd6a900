// Runs the tests on the packed tarball of the checkout: all of them, or those whose file names contain one of the
// arguments. Needs the build.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('./', import.meta.url));
const wanted = process.argv.slice(2);
const packed = mkdtempSync(join(tmpdir(), 'palitra-consumers-'));
try {
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', packed];
  const tarball = execFileSync('npm', pack, { cwd: join(here, '..'), encoding: 'utf8' }).trim();
  const installed = join(here, 'node_modules', 'palitra');
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(packed, tarball), '--strip-components=1', '-C', installed]);
  console.log(`Consumers of ${tarball}:`);
} finally {
  rmSync(packed, { recursive: true, force: true });
}

const files = ['bundlers', 'runners']
  .flatMap((folder) => readdirSync(join(here, folder)).map((name) => join(folder, name)))
  .filter((name) => /\.test\.[cm]?js$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((part) => basename(name).includes(part)));
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=300000', ...files],
  { cwd: here, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
