import { test } from 'node:test';
import { rolldown } from 'rolldown';
import { buildAndPlay, entries } from './bundle.mjs';

test('rolldown', () =>
  buildAndPlay({
    files: ['main.mjs', 'loop.mjs', 'shared.mjs'],
    build: async (dir) => {
      const bundle = await rolldown({ input: entries, platform: 'node' });
      const chunkFileNames = 'shared.mjs';
      await bundle.write({ dir, entryFileNames: '[name].mjs', chunkFileNames, minify: true });
      await bundle.close();
    },
  }));
