import { test } from 'node:test';
import { build } from 'esbuild';
import { buildAndPlay, entries, source } from './bundle.mjs';

const options = { bundle: true, platform: 'node', minify: true, outExtension: { '.js': '.mjs' } };

test('esbuild, to ES modules', () =>
  buildAndPlay({
    files: ['main.mjs', 'loop.mjs'],
    build: (outdir) => build({ ...options, outdir, entryPoints: entries, format: 'esm' }),
  }));

test('esbuild, to CommonJS, which names the loop module from __filename', () =>
  buildAndPlay({
    files: ['main.cjs', 'loop.mjs'],
    build: async (outdir) => {
      const { loop } = entries;
      await build({ ...options, outdir, entryPoints: { loop }, format: 'esm' });
      const outfile = `${outdir}/main.cjs`;
      await build({
        ...options,
        outfile,
        entryPoints: [source('main.cjs')],
        format: 'cjs',
        outExtension: {},
      });
    },
  }));
