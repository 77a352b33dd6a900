// npm run charts: draws docs/charts/*.svg from results/*.json, light and dark, and writes the README's
// figures from them. `--check` writes nothing, and fails when one is not as it would be written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { draw } from './charts/draw.mjs';
import { charts } from './charts/charts.mjs';
import { writeFigures } from './charts/figures.mjs';
import { isOutdated } from './charts/outdated.mjs';

const folder = new URL('../docs/charts/', import.meta.url);
const shouldCheck = process.argv.includes('--check');

const read = (question) =>
  JSON.parse(readFileSync(new URL(`results/${question}.json`, import.meta.url), 'utf8'));

const files = new Map();
for (const [name, chart] of Object.entries(charts)) {
  for (const theme of ['light', 'dark']) {
    const svg = draw(chart(read(chart.question)), theme);
    files.set(new URL(`${name}-${theme}.svg`, folder), `${svg}\n`);
  }
}
for (const [file, text] of writeFigures(read)) files.set(file, text);

mkdirSync(folder, { recursive: true });
for (const [file, text] of files) {
  if (!isOutdated(file, text)) continue;
  if (shouldCheck) {
    console.error(
      `${file.pathname.split('/').slice(-3).join('/')} is not made from bench/results.`,
    );
    console.error('Run npm --prefix bench run charts.');
    process.exitCode = 1;
  } else writeFileSync(file, text);
}
