// Seeded faults in the channel and in what looks after life and death: `npm run test:mutation [number …]`.
// Each is put into a copy of the sources, which is built, and the tests that concern it are run. The one
// that fails first is named; a fault that none notices is a hole in the tests, and the script fails.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults } from './faults.mjs';

/** A fault that makes everything hang is found by the tests' own limits; this is for the rest. */
const LIMIT_MS = 240_000;

const root = fileURLToPath(new URL('../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'palitra-mutation-'));
const wanted = process.argv.slice(2).map(Number);

run('npm', ['run', '--silent', 'build'], root);
run('npm', ['run', '--silent', 'build:test'], root);
for (const name of [
  'package.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'scripts',
  'src',
  '.build',
  'docs',
  'README.md',
]) {
  // What the site has installed is no part of any test, and takes minutes to copy.
  const filter = (source) => !source.includes('node_modules');
  cpSync(join(root, name), join(copy, name), { recursive: true, filter });
}
// A fault may leave names that nobody uses any more.
const base = join(copy, 'tsconfig.base.json');
writeFileSync(base, readFileSync(base, 'utf8').replaceAll(/("noUnused\w+": )true/g, '$1false'));
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const survivors = [];
let tried = 0;
try {
  for (const [index, fault] of faults.entries()) {
    const number = index + 1;
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    tried += 1;
    const outcome = await tryFault(fault);
    if (outcome === undefined || /INVALID|NO TEST RAN/.test(outcome)) survivors.push(number);
    console.log(
      `${String(number).padStart(2)}  ${fault.file}: ${fault.what}\n    ${outcome ?? 'SURVIVED'}`,
    );
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${tried - survivors.length} of ${tried} faults were noticed`);
if (survivors.length > 0) {
  console.log(`survived: ${survivors.join(', ')}`);
  process.exitCode = 1;
}

/** Says what noticed it; undefined when nothing did. */
async function tryFault({ file, from, to, tests }) {
  const path = join(copy, 'src', file);
  const source = readFileSync(path, 'utf8');
  const places = source.split(from).length - 1;
  if (places !== 1)
    throw new Error(`${file} has ${places} places for a fault instead of one: ${from}`);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  try {
    const build = spawnSync(process.execPath, ['scripts/build.mjs'], {
      cwd: copy,
      encoding: 'utf8',
    });
    if (build.status !== 0) return `INVALID, it does not compile: ${build.stdout}`;
    for (const test of tests) {
      const failure = await firstFailure(...test.split('::'));
      if (failure !== undefined) return `noticed by ${test.split('::')[0]}: ${failure}`;
    }
    return undefined;
  } finally {
    writeFileSync(path, source);
  }
}

/** The title of the first test that fails, of those whose file and title are named so. */
function firstFailure(name, pattern) {
  const folder = join(copy, '.build/test');
  const files = readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.test.js') && file.includes(name))
    .map((file) => join(folder, file));
  if (files.length === 0) throw new Error(`no test file is named like ${name}`);
  const args = ['--test', '--test-reporter=tap', '--test-concurrency=1'];
  if (pattern !== undefined) args.push(`--test-name-pattern=${pattern}`);
  const child = spawn(process.execPath, [...args, ...files], {
    cwd: copy,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  return new Promise((resolve) => {
    let text = '';
    const end = (failure) => {
      clearTimeout(timer);
      try {
        // The group that was made for it, and its children.
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
      resolve(failure);
    };
    const timer = setTimeout(() => end(`no end within ${LIMIT_MS / 1_000} s`), LIMIT_MS);
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const failure = /^ *not ok \d+ - (.*)$/m.exec(text);
      if (failure !== null) end(failure[1].replaceAll('\\', ''));
    });
    child.once('close', (code) => {
      if (code !== 0) end(`the test process ended with ${code}`);
      else if (!/^# pass [1-9]/m.test(text)) end(`NO TEST RAN: ${name} ${pattern ?? ''}`);
      else end(undefined);
    });
  });
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
