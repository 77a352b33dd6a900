import { test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { readPage } from './pages.ts';

const tableOf = (page: string): string =>
  /<!-- what-can-cross -->\n([^]*?)\n<!-- \/what-can-cross -->/.exec(readPage(page))![1]!;

test('docs/what-can-cross.md has the table of the README, each row of which is proved', () => {
  ok(tableOf('README.md').split('\n').length > 10);
  equal(tableOf('docs/what-can-cross.md'), tableOf('README.md'));
});
