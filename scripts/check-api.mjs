// Compares the public declarations with api/*.d.ts.txt. With --update, accepts them.
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectDeclarations, publicEntries } from './declarations.mjs';
import { compareSnapshot } from './snapshot.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

for (const entry of publicEntries) {
  const parts = [...collectDeclarations(join(dist, `${entry}.d.ts`))].map(
    ([file, text]) => `// ${relative(dist, file)}\n${text.trim()}\n`,
  );
  const name = entry === 'index' ? entry : dirname(entry);
  compareSnapshot(`api/${name}.d.ts.txt`, parts.join('\n'), 'npm run api:update');
}
