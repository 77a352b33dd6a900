import { chmod, copyFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { build as bundle } from 'esbuild';
import { runProgram } from '../child.mjs';
import { buildAndPlay, entries, source } from './bundle.mjs';

const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js');
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

async function runNode(...args) {
  // postject takes its time with a file of 100 MB.
  const { code, stdout, stderr } = await runProgram(process.execPath, args, { limitMs: 150_000 });
  if (code !== 0) throw new Error(stdout + stderr);
}

test('a single executable of Node, with the loop module inside as an asset', () =>
  buildAndPlay({
    runtime: [],
    files: ['program'],
    build: async (folder) => {
      const program = join(folder, 'program');
      const [main, loop, config, blob] = ['main.cjs', 'loop.mjs', 'sea.json', 'sea.blob'].map(
        (file) => join(folder, file),
      );
      const options = { bundle: true, platform: 'node' };
      await bundle({ ...options, entryPoints: [source('executable.cjs')], outfile: main });
      await bundle({ ...options, entryPoints: [entries.loop], outfile: loop, format: 'esm' });
      const sea = { main, output: blob, disableExperimentalSEAWarning: true };
      await writeFile(config, JSON.stringify({ ...sea, assets: { 'loop.mjs': loop } }));
      await runNode('--experimental-sea-config', config);
      await copyFile(process.execPath, program);
      await chmod(program, 0o755);
      await runNode(postject, program, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse);
      for (const file of [main, loop, config, blob]) await rm(file);
    },
  }));
