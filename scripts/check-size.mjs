// Compares the sizes that the README states with those of what `npm pack` makes. They may be off by a twentieth, so
// that not every change touches the README. With --update, writes them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const TOLERANCE = 0.05;
const root = fileURLToPath(new URL('../', import.meta.url));
process.chdir(root);

/** What `import 'palitra'` brings into a bundle: everything that it reaches, without comments. */
async function importPath() {
  const build = await rolldown({ input: 'dist/index.js', platform: 'node', external: /^node:/ });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  const code = output.map((chunk) => chunk.code).join('');
  return { bytes: Buffer.byteLength(code), gzipped: gzipSync(code, { level: 9 }).length };
}

const parsed = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
);
const [pack] = Array.isArray(parsed) ? parsed : Object.values(parsed);
const path = await importPath();
const actual = [pack.size, pack.unpackedSize, path.bytes, path.gzipped].map((bytes) =>
  Math.round(bytes / 1000),
);

const marked = /<!-- size -->[^]*?<!-- \/size -->/;
const readme = readFileSync('README.md', 'utf8');
if (process.argv.includes('--update')) {
  const [download, installed, bundled, gzipped] = actual;
  const text = `<!-- size -->${download} kB to download, ${installed} kB installed; \`import 'palitra'\` is ${bundled} kB bundled and minified, ${gzipped} kB gzipped<!-- /size -->`;
  writeFileSync('README.md', readme.replace(marked, text));
} else {
  const text = marked.exec(readme)?.[0] ?? '';
  const stated = [...text.matchAll(/(\d+) kB/g)].map(([, kB]) => Number(kB));
  const isRight =
    stated.length === actual.length &&
    stated.every((kB, index) => Math.abs(kB - actual[index]) <= actual[index] * TOLERANCE);
  if (!isRight) {
    console.error(
      `README.md states ${stated.join(', ')} kB, and it is ${actual.join(', ')} kB: npm run size:update`,
    );
    process.exitCode = 1;
  }
}
