import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { coroutines, run } from 'palitra';
import ts from 'typescript';
import { checkCommit, compilerOptions } from './check.js';
import { createCommitHost } from './host.js';

const ceiling = { timeout: 180_000 };
const here = fileURLToPath(new URL('.', import.meta.url));
const sample = coroutines('./sample.js', import.meta);
let gitdir;

before(() => {
  gitdir = mkdtempSync(join(tmpdir(), 'typescript-host-'));
  run(sample.makeRepository(gitdir));
});
after(() => rmSync(gitdir, { recursive: true }));

test('`npm start` prints what the README shows', ceiling, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], { cwd: here });
  const [, shown] = /```text\n([^]*?)```/.exec(await readFile(`${here}README.md`, 'utf8'));
  assert.equal(stdout.trim(), shown.trim());
});

test('the files come from the commit: nothing is checked out', () => {
  const host = createCommitHost(gitdir, 'v1', {});
  assert.deepEqual(host.getScriptFileNames().sort(), [
    '/commit/src/cart.ts',
    '/commit/src/prices.ts',
  ]);
  assert.match(host.readFile('/commit/src/prices.ts'), /amount: number/);
  assert.match(
    createCommitHost(gitdir, 'main', {}).readFile('/commit/src/prices.ts'),
    /amount: string/,
  );
  assert.ok(!readdirSync(gitdir).includes('src'));
});

test('a file that a commit did not change has the same version in both', () => {
  const [first, second] = ['v1', 'main'].map((ref) => createCommitHost(gitdir, ref, {}));
  const versions = (file) => [first, second].map((host) => host.getScriptVersion(file));
  const [cart, sameCart] = versions('/commit/src/cart.ts');
  const [prices, otherPrices] = versions('/commit/src/prices.ts');
  assert.equal(cart, sameCart);
  assert.notEqual(prices, otherPrices);
});

test('quick info and definitions reach into the other file of the commit', ceiling, () => {
  const service = ts.createLanguageService(createCommitHost(gitdir, 'v1', compilerOptions));
  const file = '/commit/src/cart.ts';
  const place = service.getProgram().getSourceFile(file).text.indexOf('amount');
  const { displayParts } = service.getQuickInfoAtPosition(file, place);
  assert.equal(ts.displayPartsToString(displayParts), '(property) Price.amount: number');
  const [{ fileName }] = service.getDefinitionAtPosition(file, place);
  assert.equal(fileName, '/commit/src/prices.ts');
});

test('an import of a file that is not in the commit is a mistake', ceiling, () => {
  const ref = run(sample.commit(gitdir, 'Broken', { 'a.ts': "import './b.js';\n" }));
  assert.match(checkCommit(gitdir, ref), /src\/a\.ts\(1,8\): error TS2882/);
});

test('what isomorphic-git throws is thrown by the host', () => {
  assert.throws(() => createCommitHost(gitdir, 'v7', {}), { code: 'NotFoundError', message: /v7/ });
});
