import { after, before, test } from 'node:test';
import { Project, useRuntimes } from './project.mjs';

const [node20, ...others] = useRuntimes('node20', 'node22', 'node24', 'node26', 'bun', 'deno');

const program = `
const { coroutine, coroutines, run }: typeof Palitra = palitra;
const api = coroutines<typeof import('./api.ts')>('./api.ts', origin);
const greeting: string = run(api.greet({ name: 'Ada' }));
console.log(greeting);
const common = coroutines<typeof import('./common.cts')>('./common.cts', origin);
console.log(run(common.double(21)));
const inPlace = coroutine(async () => (await import('./texts.ts')).hello satisfies string);
console.log(run(inPlace()));
`;

let project;
before(async () => {
  project = await Project.create({
    'package.json': { type: 'module' },
    'main.ts': `import * as palitra from 'palitra';
import type * as Palitra from 'palitra';
const origin: ImportMeta = import.meta;
${program}`,
    'main.cts': `import type * as Palitra from 'palitra';
const palitra = require('palitra');
const origin: string = __filename;
${program}`,
    'api.ts': `import { isLoopThread } from 'palitra/loop';
import type { Person } from './person.ts';
import { hello } from './texts.ts';
export async function greet({ name }: Person): Promise<string> {
  return \`\${hello}, \${name}\${isLoopThread() ? '' : ' on the wrong thread'}\`;
}`,
    'person.ts': `export interface Person { readonly name: string }`,
    'texts.ts': `export const hello: string = 'hello';`,
    'common.cts': `exports.double = async (n: number): Promise<number> => n * 2;`,
    'refused.mjs': `import { coroutines, run } from 'palitra';
const node = 'Node ' + process.versions.node;
const folder = decodeURI(new URL('./', import.meta.url).pathname);
for (const file of ['nested.mjs', 'page.tsx', 'nested.mjs']) {
  try {
    run(coroutines('./' + file, import.meta).greet({ name: 'Ada' }));
  } catch ({ code, message }) {
    console.log(code, message.replace(folder, '').replace(node, 'Node …'));
  }
}`,
    'nested.mjs': `export { greet } from './api.ts';`,
    'page.tsx': `export const greet = async () => <p />;`,
  });
  await project.install();
});
after(() => project.remove());

/** Node 22 says that it strips types, and that it does so is experimental. */
const quiet = (stderr) =>
  stderr
    .split('\n')
    .filter((line) => !/ExperimentalWarning: Type Stripping|--trace-warnings/.test(line))
    .join('\n');

for (const { title, binary, runArgs } of others) {
  for (const file of ['main.ts', 'main.cts']) {
    test(`${title}: ${file} and its loop modules in TypeScript, without a tool`, () =>
      project.prints(['hello, Ada', '42', 'hello'], [binary, ...runArgs, file], { quiet }));
  }
}

const unknown = (extension, file) =>
  `ERR_UNKNOWN_FILE_EXTENSION Unknown file extension "${extension}" for ${file}. Node … cannot import ${extension} files as it was started: start it with --import tsx, `;
const compile = 'or compile the module and name the .js file.';

test('Node 20: a loop module in TypeScript is refused with what to do', () => {
  const ts = `${unknown('.ts', 'api.ts')}use Node 22.18 or later, ${compile}`;
  const tsx = `${unknown('.tsx', 'page.tsx')}${compile}`;
  return project.prints([ts, tsx, ts], [node20.binary, 'refused.mjs']);
});

test('Node 24 that must not strip types: a loop module in TypeScript is refused with what to do', () => {
  const ts = `${unknown('.ts', 'api.ts')}${compile}`;
  const tsx = `${unknown('.tsx', 'page.tsx')}${compile}`;
  const { binary } = others.find(({ name }) => name === 'node24');
  return project.prints([ts, tsx, ts], [binary, '--no-strip-types', 'refused.mjs']);
});
