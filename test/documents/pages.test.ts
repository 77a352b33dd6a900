import { test } from 'node:test';
import { ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { markdownBlocks, type Block } from './blocks.ts';
import { pages, readPage } from './pages.ts';
import { blocksNotRun } from './programs.ts';
import { proveDocuments } from './prove.ts';

/** Pages whose programs are run by a test of their own, because they need other tools. */
const elsewhere: Readonly<Record<string, string>> = {
  'docs/guides/bundlers.md': 'consumers/bundlers',
  ...Object.fromEntries(
    pages
      .filter((page) => page.startsWith('docs/moving/from-'))
      .map((page) => [page, 'examples/moving']),
  ),
  'docs/guides/test-runners.md': 'consumers/runners',
};

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

test('pages that are proved elsewhere say by which test', () => {
  for (const [page, place] of Object.entries(elsewhere)) {
    ok(readPage(page).includes(place), `${page} does not say that ${place} proves it`);
    ok(existsSync(new URL(`../../../${place}`, import.meta.url)), place);
  }
});
