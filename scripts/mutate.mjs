// Seeded faults in the channel and in what looks after life and death: `npm run test:mutation [number …]`.
// Each is put into a copy of the sources, which is built, and the tests that concern it are run. The one
// that fails first is named; a fault that none notices is a hole in the tests, and the script fails.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyCheckout, plant } from './copied-checkout.mjs';
import { faults } from './faults.mjs';
import { runTests } from './tap.mjs';

/** A fault that makes everything hang is found by the tests' own limits; this is for the rest. */
const LIMIT_MS = 240_000;

const root = fileURLToPath(new URL('../', import.meta.url));
const wanted = process.argv.slice(2).map(Number);

// All of them, also those that are not to be tried: the code has been changed, and nobody has looked here.
const stale = faults.filter((fault) => countPlaces(fault) !== 1);
for (const fault of stale) {
  console.error(
    `${numberOf(fault)}  ${fault.file}: ${fault.what}\n    has ${countPlaces(fault)} places instead of one: ${fault.from}`,
  );
}
if (stale.length > 0) process.exit(1);

run('npm', ['run', '--silent', 'build'], root);
run('npm', ['run', '--silent', 'build:test'], root);
const copy = copyCheckout('palitra-mutation-');

const survivors = [];
let tried = 0;
try {
  for (const fault of faults) {
    const number = numberOf(fault);
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    tried += 1;
    const outcome = await tryFault(fault);
    if (outcome === undefined || /INVALID|NO TEST RAN/.test(outcome)) survivors.push(number);
    console.log(
      `${String(number).padStart(2)}  ${fault.file}: ${fault.what}\n    ${outcome ?? 'SURVIVED'}`,
    );
  }
} finally {
  copy.remove();
}
console.log(`${tried - survivors.length} of ${tried} faults were noticed`);
if (survivors.length > 0) {
  console.log(`survived: ${survivors.join(', ')}`);
  process.exitCode = 1;
}

function numberOf(fault) {
  return faults.indexOf(fault) + 1;
}

function countPlaces({ file, from }) {
  const path = join(root, 'src', file);
  return existsSync(path) ? readFileSync(path, 'utf8').split(from).length - 1 : 0;
}

/** Says what noticed it; undefined when nothing did. */
async function tryFault(fault) {
  const takeOut = plant(copy.folder, fault);
  try {
    const complaint = copy.build();
    if (complaint !== undefined) return `INVALID, it does not compile: ${complaint}`;
    for (const test of fault.tests) {
      const failure = await firstFailure(...test.split('::'));
      if (failure !== undefined) return `noticed by ${test.split('::')[0]}: ${failure}`;
    }
    return undefined;
  } finally {
    takeOut();
  }
}

/** The title of the first test that fails, of those whose file and title are named so. */
async function firstFailure(name, pattern) {
  const folder = join(copy.folder, '.build/test');
  const files = readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.test.js') && file.includes(name))
    .map((file) => join(folder, file));
  if (files.length === 0) throw new Error(`no test file is named like ${name}`);
  const { failures, passed } = await runTests(files, {
    cwd: copy.folder,
    pattern,
    limitMs: LIMIT_MS,
    firstOnly: true,
  });
  if (failures.length > 0) return failures[0].title;
  return passed > 0 ? undefined : `NO TEST RAN: ${name} ${pattern ?? ''}`;
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
