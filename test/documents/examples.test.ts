import { test } from 'node:test';
import { ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { exampleBlocks } from './blocks.ts';
import { proveDocuments, type Documents } from './prove.ts';

const src = new URL('../../../src/', import.meta.url);

/** Each example is a program of its own. */
const documents: Documents = Object.fromEntries(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .sort()
    .map((file) => {
      const blocks = exampleBlocks(readFileSync(new URL(file, src), 'utf8'));
      return [`src/${file}`, blocks.map((block) => [block])];
    }),
);

const count = proveDocuments(documents);

test('the examples of the doc comments are found', () => ok(count >= 30, `${count}`));
