import { test } from 'node:test';
import { deepEqual, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { markdownBlocks } from './blocks.ts';
import { pages, readPage } from './pages.ts';

const root = new URL('../../../', import.meta.url);
const documents = [...pages, 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];

/** What a Markdown renderer makes of a heading, as GitHub and VitePress agree on it for plain words. */
function anchorsOf(file: string): Set<string> {
  let text = readPage(file);
  for (const { code } of markdownBlocks(text)) text = text.replace(code, '');
  return new Set(
    [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .trim()
        .replaceAll(/\s+/g, '-'),
    ),
  );
}

function linksOf(file: string): string[] {
  let text = readPage(file);
  for (const { code } of markdownBlocks(text)) text = text.replace(code, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, href]) => href!)
    .filter((href) => !/^[a-z]+:/.test(href));
}

test('every link of the documents leads to a file that is there, and to a heading in it', () => {
  const dead: string[] = [];
  let count = 0;
  for (const document of documents) {
    for (const href of linksOf(document)) {
      count++;
      const url = new URL(href, new URL(document, root));
      const file = url.pathname.slice(root.pathname.length);
      const isThere = existsSync(new URL(file, root));
      const anchor = decodeURI(url.hash.slice(1));
      const hasAnchor =
        anchor === '' || (isThere && file.endsWith('.md') && anchorsOf(file).has(anchor));
      if (!isThere || !hasAnchor) dead.push(`${document}: ${href}`);
    }
  }
  deepEqual(dead, []);
  ok(count > 50, `${count}`);
});
