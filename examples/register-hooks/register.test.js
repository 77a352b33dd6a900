import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ceiling = { timeout: 60_000 };
const here = fileURLToPath(new URL('.', import.meta.url));
let folder;

before(async () => {
  folder = await mkdtemp(join(here, 'shop', 'test-'));
});
after(() => rm(folder, { recursive: true }));

/** What a program prints that has these files beside it; it is killed when it hangs. */
async function run(files) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const [main] = Object.keys(files);
  const args = ['--import', './register.js', join(folder, main)];
  const limits = { cwd: here, timeout: 30_000, killSignal: 'SIGKILL' };
  return (await promisify(execFile)(process.execPath, args, limits)).stdout;
}

test('`npm start` prints what the README shows', ceiling, async () => {
  const args = ['--import', './register.js', 'main.js'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: here });
  const [, shown] = /```html\n([^]*?)```/.exec(await readFile(`${here}README.md`, 'utf8'));
  assert.equal(stdout.trim(), shown.trim());
});

test(
  'require() takes a component as well, in the middle of a synchronous function',
  ceiling,
  async () => {
    const main = `
    const { render } = require('svelte/server');
    const page = (name) => render(require(name + '.svelte').default).body;
    console.log(page('./One'), page('./Two'));`;
    const stdout = await run({
      'main.cjs': main,
      'One.svelte': '<b>1</b>',
      'Two.svelte': '<b>2</b>',
    });
    assert.match(stdout, /<b>1<\/b>.* .*<b>2<\/b>/);
  },
);

test('a component is compiled once, however often it is imported', ceiling, async () => {
  const main = `
    const { default: first } = require('./Same.svelte');
    import('./Same.svelte').then(({ default: second }) => console.log(first === second));`;
  assert.equal(await run({ 'main.cjs': main, 'Same.svelte': '<p>same</p>' }), 'true\n');
});

test('a mistake in a component is thrown by its import, with the place', ceiling, async () => {
  const main = `
    import('./Bad.svelte').catch(({ name, code, filename, start }) =>
      console.log(name, code, filename.split('/').pop(), start.line));`;
  const stdout = await run({ 'main.mjs': main, 'Bad.svelte': '<p>\n  {#if}\n</p>' });
  assert.equal(stdout, 'CompileError expected_whitespace Bad.svelte 2\n');
});

test('a mistake in its TypeScript is esbuild’s own error', ceiling, async () => {
  const main = `
    import('./Bad.svelte').catch(({ message, errors: [{ location }] }) =>
      console.log(message.split('\\n')[0], location.line));`;
  const stdout = await run({
    'main.mjs': main,
    'Bad.svelte': '<script lang="ts">\nlet a: = 1;\n</script>',
  });
  assert.equal(stdout, 'Transform failed with 1 error: 2\n');
});

test('what is no component is imported as ever', ceiling, async () => {
  const main = "import { tea } from './tea.mjs'; console.log(tea);";
  assert.equal(await run({ 'main.mjs': main, 'tea.mjs': 'export const tea = 1;' }), '1\n');
});
