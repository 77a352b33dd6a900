// Compares the public declarations with api/*.d.ts.txt. With --update, accepts them.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareSnapshot } from './snapshot.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** A declaration file and those that it imports, each once, in reading order. */
function collect(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, 'utf8');
  seen.set(file, text);
  // Not what a doc comment's example imports.
  const code = text.replace(/\/\*\*[^]*?\*\//g, '');
  for (const [, specifier] of code.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)) {
    collect(join(dirname(file), specifier.replace(/\.(?:js|ts)$/, '.d.ts')), seen);
  }
  return seen;
}

for (const [name, entry] of [
  ['index', 'index.d.ts'],
  ['loop', 'loop/index.d.ts'],
  ['fetch', 'fetch/index.d.ts'],
  ['bullmq', 'bullmq/index.d.ts'],
]) {
  const parts = [...collect(join(dist, entry))].map(
    ([file, text]) => `// ${relative(dist, file)}\n${text.trim()}\n`,
  );
  compareSnapshot(`api/${name}.d.ts.txt`, parts.join('\n'), 'npm run api:update');
}
