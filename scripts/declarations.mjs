// The declaration files that the public entries reach: what users see, and nothing of the inside.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const publicEntries = ['index', 'loop/index', 'fetch/index', 'bullmq/index'];

/** The declaration files of all entries, each once. */
export function declarationsOf(folder) {
  const seen = new Map();
  for (const entry of publicEntries) collectDeclarations(join(folder, `${entry}.d.ts`), seen);
  return seen.keys();
}

/** A declaration file and those that it imports, each once, in reading order: from its path to its text. */
export function collectDeclarations(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, 'utf8');
  seen.set(file, text);
  // Not what a doc comment's example imports.
  const code = text.replace(/\/\*\*[^]*?\*\//g, '');
  for (const [, specifier] of code.matchAll(/(?:from|import\(|import)\s*['"](\.[^'"]+)['"]/g)) {
    collectDeclarations(join(dirname(file), specifier.replace(/\.(?:js|ts)$/, '.d.ts')), seen);
  }
  return seen;
}
