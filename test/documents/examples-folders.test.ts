import { test } from 'node:test';
import { deepEqual, match, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const examples = new URL('../../../examples/', import.meta.url);
const names = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const read = (path: string): string => readFileSync(new URL(path, examples), 'utf8');

test('the page of the examples leads to each of them, and to no other', () => {
  const led = Array.from(
    read('README.md').matchAll(/\]\(([\w-]+)\/README\.md\)/g),
    ([, name]) => name!,
  );
  deepEqual(new Set(led), new Set(names));
});

for (const name of names) {
  test(`${name} has a README of a screen, one command, a test, and palitra from here`, () => {
    const readme = read(`${name}/README.md`);
    ok(readme.split('\n').length <= 60, 'it is longer than a screen');
    match(readme, /^npm ci && npm (?:start|test)\b/m);
    const { scripts, dependencies } = JSON.parse(read(`${name}/package.json`)) as {
      readonly scripts: Readonly<Record<string, string>>;
      readonly dependencies: Readonly<Record<string, string>>;
    };
    deepEqual(dependencies['palitra'], 'file:../..');
    deepEqual(scripts['test'], 'node --test');
    ok(existsSync(new URL(`${name}/package-lock.json`, examples)), 'it has no lock');
    const tests = readdirSync(new URL(name, examples)).filter((file) => file.endsWith('.test.js'));
    ok(tests.length > 0, 'it has no test');
  });
}
