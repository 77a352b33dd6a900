/**
 * The packages that every package manager lays out in its own way: `comments`, whose functions run on the
 * loop thread, needs `texts`, which the application does not know, and palitra, of which it may have a
 * copy of its own.
 */
export const packages = {
  'packages/comments/package.json': {
    name: 'comments',
    version: '1.0.0',
    type: 'module',
    exports: './comments.js',
    dependencies: { texts: 'file:../texts' },
    peerDependencies: { palitra: '*' },
  },
  'packages/comments/comments.js': `import { isLoopThread, registerError } from 'palitra/loop';
import { texts } from 'texts';
import { LostError } from './lost-error.js';
registerError(LostError);
export async function find(id, onFound) {
  if (texts[id] === undefined) throw new LostError(\`no comment \${id}\`);
  await onFound(isLoopThread() ? 'on the loop thread' : 'on the wrong thread');
  return texts[id];
}`,
  'packages/comments/lost-error.js': `export class LostError extends Error {
  name = 'LostError';
}`,
  'packages/texts/package.json': {
    name: 'texts',
    version: '1.0.0',
    type: 'module',
    exports: './texts.js',
  },
  'packages/texts/texts.js': `export const texts = { one: 'one', two: 'two' };`,
};

const play = `
const comments = coroutines('comments', origin);
console.log(run(comments.find('one', (where) => console.log(where))));
try {
  run(comments.find('three', () => {}));
} catch (error) {
  console.log(String(error));
}
const { where } = coroutines('./where.mjs', origin);
console.log(run(where()));
`;

/** The application, as an ES module and in CommonJS, and a loop module of its own. */
export const application = {
  'main.mjs': `import { coroutines, run } from 'palitra';
const origin = import.meta;
${play}`,
  'main.cjs': `const { coroutines, run } = require('palitra');
const origin = __filename;
${play}`,
  'where.mjs': `import { isLoopThread } from 'palitra/loop';
export const where = async () => (isLoopThread() ? 'here' : 'elsewhere');`,
};

export const printed = ['on the loop thread', 'one', 'LostError: no comment three', 'here'];

/** The same files in a folder. */
export const inFolder = (folder, files) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
