import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Project } from '../loading/project.mjs';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const checkout = new URL('../../', import.meta.url);
/** By the names they have in this folder's package.json. */
const compilers = { 'TypeScript 5.9': 'typescript59', 'TypeScript 7': 'typescript' };

const readme = await readFile(new URL('README.md', checkout), 'utf8');
const [, firstExample] = /^```js\n(\/\/ main\.mjs\n[^]*?)^```$/m.exec(readme);
const typeTests = ['overloads', 'sync-module', 'coroutines', 'callbacks', 'module', 'expect'];

/** As `tsc --init` of TypeScript 5.9 and later writes them. */
const options = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: true,
  noEmit: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
};
const withNode = { ...options, types: ['node'], typeRoots: [join(modules, '@types')] };

let project;
before(async () => {
  const files = {
    'package.json': { type: 'module' },
    'readme/main.ts': firstExample,
    'readme/tsconfig.json': { compilerOptions: withNode },
    // All of the public declarations, checked themselves.
    'declarations/tsconfig.json': { compilerOptions: { ...withNode, skipLibCheck: false } },
    'declarations/main.ts': `export * from 'palitra';
export * as loop from 'palitra/loop';
export * as fetch from 'palitra/fetch';`,
    'tests/tsconfig.json': {
      compilerOptions: { ...withNode, allowImportingTsExtensions: true },
    },
    // Without @types/node nothing is known of Node's own modules, and nothing of them is checked.
    'bare/tsconfig.json': { compilerOptions: { ...options, types: [] } },
    'bare/own.ts': `export interface Row { readonly id: number }
export async function find(row: Row): Promise<string> {
  return String(row.id);
}`,
    'bare/main.ts': `import { coroutines, createTask, gather, run, sync } from 'palitra';
const fs = coroutines('node:fs/promises');
const names = run(fs.readdir('.'));
export const first: string = names[0].toUpperCase();
export const size: number = run(fs.stat('.'), { timeout: 1_000 }).size;
export const both = gather(fs.readFile('a'), fs.readFile('b')).map((bytes) => bytes.length);
export const task: PromiseLike<string> = createTask(fs.readFile('a', 'utf8'));
export const text: string = sync(fs).readFile('a', 'utf8');
export const host = run(new (coroutines('node:url').URL)('http://localhost')).toString();
const own = coroutines<typeof import('./own.js')>('./own.js', import.meta);
export const found: string = run(own.find({ id: 1 }));
// @ts-expect-error -- one's own module is checked all the same
own.find({ id: '1' });
// @ts-expect-error -- and so is what is no coroutine
run(Promise.resolve(1));`,
  };
  for (const name of typeTests) {
    files[`tests/${name}.ts`] = await readFile(new URL(`test/types/${name}.ts`, checkout), 'utf8');
  }
  project = await Project.create(files, 'palitra types ');
  await project.install();
});
after(() => project.remove());

for (const [title, compiler] of Object.entries(compilers)) {
  for (const [folder, what] of [
    ['readme', "README's first example compiles"],
    ['declarations', 'the declarations compile'],
    ['tests', 'the type tests compile'],
    ['bare', 'without @types/node, programs compile'],
  ]) {
    test(`${title}: ${what}`, () =>
      project.prepare([process.execPath, join(modules, compiler, 'bin/tsc'), '-p', folder]));
  }
}
