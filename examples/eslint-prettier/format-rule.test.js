import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ESLint, Linter } from 'eslint';
import * as prettier from 'prettier';
import { formatRule } from './format-rule.js';

const ceiling = { timeout: 60_000 };
const folder = fileURLToPath(new URL('.', import.meta.url));
const untidy = fileURLToPath(new URL('untidy/cart.js', import.meta.url));
const linter = new Linter();

const configWith = (options) => ({
  plugins: { prettier: { rules: { format: formatRule } } },
  rules: { 'prettier/format': ['error', options] },
});

test('ESLint’s own command reports what the README shows', ceiling, async () => {
  const eslint = fileURLToPath(new URL('node_modules/eslint/bin/eslint.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [eslint, 'untidy'], {
    cwd: folder,
  });
  const [, shown] = /```text\n([^]*?)```/.exec(await readFile(`${folder}README.md`, 'utf8'));
  assert.equal(stdout.replaceAll(folder, '').trim(), shown.trim());
});

test('--fix writes what Prettier does, with the configuration beside it', ceiling, async () => {
  const [{ output }] = await new ESLint({ cwd: folder, fix: true }).lintFiles(['untidy']);
  const text = await readFile(untidy, 'utf8');
  const expected = await prettier.format(text, { parser: 'babel', singleQuote: true });
  assert.notEqual(text, expected);
  assert.equal(output, expected);
});

test('a tidy file has nothing to report', () => {
  assert.deepEqual(linter.verify('const a = 1;\n', configWith({}), 'tidy.js'), []);
});

test('a hundred files, each with options of its own', ceiling, () => {
  for (let n = 0; n < 100; n++) {
    const { output } = linter.verifyAndFix(`f( ${n} )`, configWith({ semi: n % 2 === 0 }), 'a.js');
    assert.equal(output, n % 2 === 0 ? `f(${n});\n` : `f(${n})\n`);
  }
});

test('what Prettier cannot parse is reported where its SyntaxError says', () => {
  const [found] = linter.verify('[\n  1, f()]', configWith({ parser: 'json' }), 'a.js');
  assert.equal(found.messageId, 'unparsable');
  assert.match(
    found.message,
    /^Prettier cannot parse this: 'CallExpression' is not allowed in JSON/,
  );
  assert.deepEqual([found.line, found.column], [2, 6]);
});

test('any other failure of Prettier’s reaches ESLint as it is', () => {
  assert.throws(() => linter.verify('a', configWith({ parser: 'cobol' }), 'a.js'), {
    name: 'ConfigError',
    message: /Couldn't resolve parser "cobol"/,
  });
});
