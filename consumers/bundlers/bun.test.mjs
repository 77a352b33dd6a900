import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from '../child.mjs';
import { buildAndPlay, entries } from './bundle.mjs';

const bun = findBun();

async function build(...args) {
  const { code, stderr } = await runProgram(bun, ['build', ...args]);
  if (code !== 0) throw new Error(stderr);
}

test('bun build, run by Node', () =>
  buildAndPlay({
    files: ['main.mjs', 'loop.mjs'],
    build: (outdir) =>
      build(
        ...Object.values(entries),
        '--target=node',
        '--minify',
        `--outdir=${outdir}`,
        '--entry-naming=[name].mjs',
      ),
  }));

test('bun build, run by Bun', () =>
  buildAndPlay({
    runtime: [bun],
    files: ['main.mjs', 'loop.mjs'],
    build: (outdir) =>
      build(
        ...Object.values(entries),
        '--target=bun',
        '--minify',
        `--outdir=${outdir}`,
        '--entry-naming=[name].mjs',
      ),
  }));

test('bun build --compile, with the loop module inside the executable', () =>
  buildAndPlay({
    runtime: [],
    files: ['program'],
    build: (folder) =>
      build(...Object.values(entries), '--compile', `--outfile=${join(folder, 'program')}`),
  }));

/** Where npm puts it, also when it ran no install scripts. */
function findBun() {
  const require = createRequire(import.meta.url);
  const names = ['bun-linux-x64', 'bun-linux-aarch64', 'bun-darwin-aarch64', 'bun-darwin-x64'];
  for (const name of names) {
    try {
      return require.resolve(`@oven/${name}/bin/bun`);
    } catch {
      // For another kind of machine.
    }
  }
  return require.resolve('bun/bin/bun.exe');
}
