import { test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

const rows = read('docs/design/time.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| sentence'));

test('docs/design/time.md names a test for every sentence, and each of them exists', () => {
  ok(rows.length > 25);
  for (const row of rows) {
    const [sentence, cell, ...others] = row.split(' | ');
    ok(cell !== undefined && others.length === 0, `two cells: ${row}`);
    const entries = cell.replace(/ \|$/, '').split(' <br> ');
    for (const entry of entries) {
      const [, file, title] = /^`(test\/\S+\.ts)`: (.+)$/.exec(entry) ?? [];
      ok(file !== undefined, `${sentence}: ${entry}`);
      const isThere = read(file).replaceAll("\\'", "'").includes(`${title}`);
      ok(isThere, `${file} has no test that is called: ${title}`);
    }
  }
  equal(new Set(rows).size, rows.length);
});

test('docs/design/waiting.md names tests that exist', () => {
  const entries = [
    ...read('docs/design/waiting.md').matchAll(/`(test\/\S+\.ts)`: (.+?)(?= <br> | \| )/g),
  ];
  ok(entries.length > 25);
  for (const [, file, title] of entries) {
    const isThere = read(file!).replaceAll("\\'", "'").includes(title!);
    ok(isThere, `${file} has no test that is called: ${title}`);
  }
});
