import { test } from 'node:test';
import { promisify } from 'node:util';
import webpack from 'webpack';
import { buildAndPlay, entries, source } from './bundle.mjs';

const options = { mode: 'production', target: 'node20', devtool: false };

async function build(configuration) {
  const stats = await promisify(webpack)(configuration);
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
}

/** Without `importMeta: false` webpack puts the address of the source file into the bundle. */
const asModules = (path, entry) => ({
  ...options,
  entry,
  experiments: { outputModule: true },
  module: { parser: { javascript: { importMeta: false } } },
  output: { path, filename: '[name].mjs', library: { type: 'module' } },
});

test('webpack, to ES modules', () =>
  buildAndPlay({
    files: ['main.mjs', 'loop.mjs'],
    build: (path) => build(asModules(path, entries)),
  }));

test('webpack, to CommonJS, which names the loop module from __filename', () =>
  buildAndPlay({
    files: ['main.cjs', 'loop.mjs'],
    build: async (path) => {
      await build(asModules(path, { loop: entries.loop }));
      await build({
        ...options,
        entry: { main: source('main.cjs') },
        node: { __filename: false },
        optimization: { minimize: false },
        output: { path, filename: '[name].cjs' },
      });
    },
  }));
