import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runNode } from '../support/child.ts';
import { createProject, type Project } from '../support/project.ts';

const print = `
  console.log(run(api.value()));`;

let project: Project;

before(async () => {
  // A folder name with everything that a URL writes differently.
  project = await createProject(
    {
      // Without a name or type of its own: palitra resolves as in a user's project.
      'main.mjs': `import { coroutines, run } from 'palitra';
        const api = coroutines(process.argv[2], import.meta);${print}`,
      'main.cjs': `const { coroutines, run } = require('palitra');
        const api = coroutines(process.argv[2], __filename);${print}`,
      'esm ü#%.mjs': `export const value = async () => 'esm';`,
      'common ü#%.cjs': `exports.value = async () => 'commonjs';`,
      'json.mjs': `import data from './data.json' with { type: 'json' };
        export const value = async () => data.answer;`,
      'data.json': { answer: 42 },
      'wasm.mjs': `import { f } from './answer.wasm';
        export const value = async () => f();`,
      'env.mjs': `export const value = async () => process.env.PALITRA_TEST_ENV;`,
      'test.env': 'PALITRA_TEST_ENV=from the file\n',
      'preload.mjs': `globalThis.preloaded = 'preloaded';`,
      'preloaded.mjs': `export const value = async () => globalThis.preloaded;`,
      'node_modules/conditional/package.json': {
        name: 'conditional',
        type: 'module',
        exports: { custom: './custom.js', default: './default.js' },
      },
      'node_modules/conditional/custom.js': `export const value = async () => 'custom';`,
      'node_modules/conditional/default.js': `export const value = async () => 'default';`,
    },
    'loading ü#% ',
  );
  // One function, f, which returns 42.
  const wasm = '0061736d010000000105016000017f03020100070501016600000a06010400412a0b';
  await writeFile(project.path('answer.wasm'), Buffer.from(wasm, 'hex'));
});
after(() => project.remove());

interface Case {
  readonly module: string;
  readonly flags?: () => readonly string[];
  readonly expected: string;
}

const cases: Record<string, Case> = {
  'an ES module in a folder with a space, an umlaut, # and %': {
    module: './esm ü%23%25.mjs',
    expected: 'esm',
  },
  'a CommonJS module': { module: './common ü%23%25.cjs', expected: 'commonjs' },
  'a module that imports JSON': { module: './json.mjs', expected: '42' },
  '--import': {
    module: './preloaded.mjs',
    flags: () => ['--import', project.url('preload.mjs').href],
    expected: 'preloaded',
  },
  '--env-file': {
    module: './env.mjs',
    flags: () => [`--env-file=${project.path('test.env')}`],
    expected: 'from the file',
  },
  'no --conditions': { module: 'conditional', expected: 'default' },
  '--conditions=': {
    module: 'conditional',
    flags: () => ['--conditions=custom'],
    expected: 'custom',
  },
  '-C': { module: 'conditional', flags: () => ['-C', 'custom'], expected: 'custom' },
  '--experimental-wasm-modules': {
    module: './wasm.mjs',
    flags: () => ['--experimental-wasm-modules'],
    expected: '42',
  },
  '--frozen-intrinsics': {
    module: './json.mjs',
    flags: () => ['--frozen-intrinsics'],
    expected: '42',
  },
  '--disable-proto=delete': {
    module: './json.mjs',
    flags: () => ['--disable-proto=delete'],
    expected: '42',
  },
  '--disable-proto=throw': {
    module: './json.mjs',
    flags: () => ['--disable-proto=throw'],
    expected: '42',
  },
  '--preserve-symlinks': {
    module: './json.mjs',
    flags: () => ['--preserve-symlinks', '--preserve-symlinks-main'],
    expected: '42',
  },
};

for (const file of ['main.mjs', 'main.cjs']) {
  for (const [title, { module, flags, expected }] of Object.entries(cases)) {
    test(`${file} with ${title}`, async () => {
      const args = ['--no-warnings', ...(flags?.() ?? []), project.path(file), module];
      const { code, stdout, stderr, isHung } = await runNode(args);
      deepEqual(
        { code, stdout, stderr, isHung },
        { code: 0, stdout: `${expected}\n`, stderr: '', isHung: false },
      );
    });
  }
}
