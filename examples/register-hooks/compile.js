// Runs on the loop thread. Svelte's preprocessors and esbuild's `transform` return promises.

import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { compile, preprocess } from 'svelte/compiler';

/** The component as a module of JavaScript, for rendering on a server. */
export async function compileComponent(file) {
  const source = await readFile(file, 'utf8');
  const { code } = await preprocess(source, { script: typescript }, { filename: file });
  const { js } = compile(code, { filename: file, generate: 'server' });
  return js.code;
}

async function typescript({ content, attributes, filename }) {
  if (attributes.lang !== 'ts') return undefined;
  const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
  const { code } = await transform(content, { loader: 'ts', sourcefile: filename, tsconfigRaw });
  return { code, attributes: {} };
}
