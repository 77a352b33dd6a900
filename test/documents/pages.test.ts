import { test } from 'node:test';
import { deepEqual, ok } from 'node:assert/strict';
import { markdownBlocks, type Block } from './blocks.ts';
import { pages, readPage } from './pages.ts';
import { blocksNotRun } from './programs.ts';
import { proveDocuments } from './prove.ts';

/** Pages whose programs are run by a test of their own, because they need other tools. */
const elsewhere: Readonly<Record<string, string>> = {};

const documents: Record<string, Block[][]> = {};
for (const page of pages) {
  if (!(page in elsewhere)) documents[page] = [markdownBlocks(readPage(page))];
}

const count = proveDocuments(documents);

test('the programs of the pages are found', () => ok(count >= 3, `${count}`));

test('what is not run has a reason', () => {
  const reasons = Object.values(documents)
    .flat(2)
    .filter((block) => blocksNotRun([block]).length > 0)
    .map(({ notRun }) => notRun!);
  ok(
    reasons.every((reason) => reason.length > 10),
    reasons.join('\n'),
  );
});

test('pages that are proved elsewhere name the test, and it reads them', () => {
  const missing = Object.entries(elsewhere).filter(
    ([page, file]) => !readPage(file).includes(page.slice(page.lastIndexOf('/') + 1)),
  );
  deepEqual(missing, []);
});
