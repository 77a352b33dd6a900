import { test } from 'node:test';
import { deepEqual, match, ok } from 'node:assert/strict';
import { readPage } from './pages.ts';

const [, ...sections] = readPage('docs/errors.md').split(/^## (?=ERR_)/m);
const codes = [
  ...readPage('src/errors.ts')
    .match(/export type PalitraErrorCode =([^;]+);/)![1]!
    .matchAll(/'(\w+)'/g),
].map(([, code]) => code!);

test('docs/errors.md has a section for each code of src/errors.ts, and no other', () => {
  ok(codes.length >= 13);
  deepEqual(
    sections.map((section) => section.split('\n', 1)[0]),
    codes,
  );
});

for (const section of sections) {
  const [code] = section.split('\n', 1);
  test(`${code} has its class, its cause and its fix`, () => {
    const [, name] = /^\w+\n\n`(\w+)`/.exec(section)!;
    const source = readPage('src/errors.ts') + readPage('src/bullmq/errors.ts');
    const declaration = source.slice(source.indexOf(`export class ${name} `)).slice(0, 300);
    match(declaration, new RegExp(`\\[classCode\\] = '${code}'`));
    match(section, /^\*\*Cause\.\*\* .{40}/m);
    match(section, /^\*\*Fix\.\*\* .{40}/m);
  });
}

test('docs/errors.md names every process warning', () => {
  const page = readPage('docs/errors.md');
  for (const file of ['src/caller/reports.ts', 'src/caller/owned-loop.ts']) {
    const [, code] = /code: '(PALITRA_\w+)'/.exec(readPage(file))!;
    ok(page.includes(`\`${code}\``), code);
  }
});
