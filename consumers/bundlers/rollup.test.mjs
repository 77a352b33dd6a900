import { test } from 'node:test';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { buildAndPlay, entries } from './bundle.mjs';

test('rollup', () =>
  buildAndPlay({
    files: ['main.mjs', 'loop.mjs', 'shared.mjs'],
    build: async (dir) => {
      const plugins = [nodeResolve({ exportConditions: ['node'] })];
      const bundle = await rollup({ input: entries, plugins, external: /^node:/ });
      const chunkFileNames = 'shared.mjs';
      await bundle.write({ dir, entryFileNames: '[name].mjs', chunkFileNames });
      await bundle.close();
    },
  }));
