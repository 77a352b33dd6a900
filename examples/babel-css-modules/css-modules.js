// Runs on the loop thread, once for the whole build: PostCSS, with plugins that return promises.

import { readFile } from 'node:fs/promises';
import postcss from 'postcss';
import postcssModules from 'postcss-modules';

/** The CSS with its class names made unique, and what each of them is now called. */
export async function compile(file) {
  let classes;
  const plugin = postcssModules({
    generateScopedName: '[name]_[local]_[hash:base64:5]',
    getJSON: (_, names) => (classes = names),
  });
  const { css } = await postcss([plugin]).process(await readFile(file), { from: file });
  return { css, classes };
}
