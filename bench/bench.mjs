// npm run bench [-- question …] [--rounds n] [--runtime node24]
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeEnvironment } from './harness/environment.mjs';
import { askInRounds } from './harness/rounds.mjs';
import { summarize } from './harness/summary.mjs';
import { formatTable } from './harness/table.mjs';

const ROUNDS = 3;
const results = new URL('results/', import.meta.url);
const known = readdirSync(new URL('questions/', import.meta.url)).map((file) =>
  file.replace('.mjs', ''),
);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, runtime: { type: 'string' } },
});
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No such question: ${unknown.join(', ')}. There are ${known.join(', ')}.`);
  process.exit(2);
}

const execPath = findRuntime(options.runtime);
await mkdir(results, { recursive: true });
for (const name of positionals.length > 0 ? positionals : known) {
  const { default: question } = await import(`./questions/${name}.mjs`);
  const rounds = Number(options.rounds ?? question.rounds ?? ROUNDS);
  const environment = describeEnvironment(execPath);
  const entries = askInRounds(question, name, { rounds, execPath, onProgress: showProgress });
  showProgress('');
  const summary = summarize(question, entries);
  console.log(formatTable(name, question, summary));
  await writeResult(name, {
    question: name,
    title: question.title,
    payload: question.payload,
    ...environment,
    ...summary,
  });
  if (entries[0].failure !== undefined) process.exitCode = 1;
}

async function writeResult(name, result) {
  const command = ['npm run bench --', name, ...flags()].join(' ');
  const suffix = options.runtime === undefined ? '' : `.${options.runtime}`;
  const json = JSON.stringify({ command, unit: 'microseconds', ...result }, null, 2);
  await writeFile(new URL(`${name}${suffix}.json`, results), `${json}\n`);
}

function flags() {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

/** `--runtime node24` is the binary of the package `node24`, installed beside the rivals. */
function findRuntime(runtime) {
  if (runtime === undefined) return process.execPath;
  const binary = fileURLToPath(new URL(`node_modules/${runtime}/bin/node`, import.meta.url));
  if (existsSync(binary)) return binary;
  console.error(
    `Install it first: npm --prefix bench install --no-save --ignore-scripts=false ${runtime}@npm:node@${runtime.replace(/\D/g, '')}`,
  );
  process.exit(2);
}

function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
