import { test } from 'node:test';
import { build } from 'vite';
import { buildAndPlay, entries, source } from './bundle.mjs';

test('Vite, for the server, with everything inlined', () =>
  buildAndPlay({
    files: ['main.mjs', 'loop.mjs', 'shared.mjs'],
    build: async (outDir) => {
      await build({
        root: source('.'),
        configFile: false,
        logLevel: 'error',
        ssr: { noExternal: true },
        build: {
          ssr: true,
          outDir,
          emptyOutDir: false,
          target: 'node20',
          minify: true,
          rollupOptions: {
            input: entries,
            output: { entryFileNames: '[name].mjs', chunkFileNames: 'shared.mjs' },
          },
        },
      });
    },
  }));
