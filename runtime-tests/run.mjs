// Runs the compiled tests on the packed tarball on every runtime, or on those that are named: `npm run test:runtimes`,
// `npm run test:runtimes -- node24 bun`. `wine20` and `wine22` have to be named. `--short` takes the suites that CI runs; after `--files` come parts of the names
// of test files.
import { spawn } from 'node:child_process';
import { closeSync, cpSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackedProject, findTests } from '../scripts/packed-project.mjs';
import { leftOut } from './left-out.mjs';
import { installRuntimes, runtimes } from './runtimes.mjs';
import { findSuites } from './suites.mjs';
import { installWineRuntimes, wineRuntimes } from './wine/wine.mjs';

/** A file that takes longer hangs, on the busiest machine. */
const FILE_LIMIT_MS = 1_200_000;
const GUARD_LIMIT_MS = 60_000;
const CONCURRENCY = 2;
/** Bun shows whole data: URLs in stacks. */
const LONGEST_LINE = 2_000;

const known = { ...runtimes, ...wineRuntimes };
const here = fileURLToPath(new URL('.', import.meta.url));
const { names, parts, isShort } = readArguments(process.argv.slice(2));

checkLimits();
if (names.some((name) => Object.hasOwn(runtimes, name))) installRuntimes();
if (names.some((name) => Object.hasOwn(wineRuntimes, name))) installWineRuntimes();
const project = createPackedProject('palitra-runtimes-');
let outputs = 0;
const totals = { passed: 0, failed: 0, skipped: 0 };
try {
  prepare();
  for (const name of names) await testOn(name);
} finally {
  project.remove();
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;

function readArguments(args) {
  const separator = args.indexOf('--files');
  const before = separator === -1 ? args : args.slice(0, separator);
  const named = before.filter((name) => name !== '--short');
  const unknown = named.find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new Error(`There is no runtime "${unknown}": ${Object.keys(known).join(', ')}.`);
  }
  return {
    names: named.length > 0 ? named : Object.keys(runtimes),
    parts: separator === -1 ? [] : args.slice(separator + 1),
    isShort: before.includes('--short'),
  };
}

/** Do the tests exist that show why others are left out, and those that docs/runtimes.md names? */
function checkLimits() {
  const limits = join(here, 'limits');
  const text = readdirSync(limits)
    .map((file) => readFileSync(join(limits, file), 'utf8'))
    .join();
  const page = readFileSync(join(here, '../docs/runtimes.md'), 'utf8');
  for (const [, title] of page.matchAll(/`((?:Node|Bun|Deno)(?: and \w+)?: [^`]+)`/g)) {
    if (!text.includes(`test('${title}'`)) {
      throw new Error(`docs/runtimes.md names a test that does not exist: "${title}".`);
    }
  }
  for (const { titles, shows } of Object.values(leftOut).flat()) {
    if (!text.includes(`test('${shows}'`)) {
      throw new Error(`Nothing shows why "${titles[0]}" is left out: there is no test "${shows}".`);
    }
  }
}

/** The tests take `test` from a module that leaves out what a runtime cannot do, and says so. */
function prepare() {
  for (const file of ['node-test.mjs', 'left-out.mjs', 'guard.mjs']) {
    cpSync(join(here, file), join(project.folder, file));
  }
  cpSync(join(here, 'limits'), join(project.folder, 'test', 'limits'), { recursive: true });
  for (const file of [...findTests(project.folder, []), 'test/support/leaks.js']) {
    const path = join(project.folder, file);
    const wrapper = relative(dirname(path), join(project.folder, 'node-test.mjs'));
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, source.replace(/from 'node:test'/, `from '${wrapper}'`));
  }
}

async function testOn(name) {
  const runtime = known[name];
  const surroundings = runtime.start?.();
  try {
    await testIn(name, {
      ...runtime,
      env: { ...process.env, NO_COLOR: '1', ...surroundings?.env },
    });
  } finally {
    surroundings?.end();
  }
}

async function testIn(name, runtime) {
  const { version } = await checkGuard(name, runtime);
  const files = findSuites(name, findTests(project.folder, parts), isShort && parts.length === 0);
  console.log(`\n${runtime.title} ${version}: ${files.length} files of tests`);
  const sums = { passed: 0, failed: 0, skipped: 0 };
  const start = performance.now();
  const queue = [...files];
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const counts = await testFile(name, runtime, file);
      for (const key of Object.keys(sums)) sums[key] += counts[key];
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  for (const key of Object.keys(sums)) totals[key] += sums[key];
  console.log(
    `${runtime.title} ${version}: ${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped in ${seconds(start)}`,
  );
}

/** Is this the runtime that it is called, and the palitra that has been packed? */
async function checkGuard(name, runtime) {
  const { title, runArgs, guard = name, addressOf = (path) => `file://${path}` } = runtime;
  const { output } = await runIn(runtime, [...runArgs, 'guard.mjs'], GUARD_LIMIT_MS);
  const packed = new URL(`${addressOf(project.folder)}/node_modules/palitra/`).href;
  const found = /^\{.*\}$/m.test(output) ? JSON.parse(/^\{.*\}$/m.exec(output)[0]) : {};
  if (found.name !== guard || found.onLoop !== found.version || !found.palitra.startsWith(packed)) {
    throw new Error(`This is not ${title} with the packed palitra: ${output}`);
  }
  return found;
}

async function testFile(name, runtime, file) {
  const start = performance.now();
  const args = [...runtime.testArgs, `./${file}`];
  const { output, code, signal, isHung } = await runIn(runtime, args, FILE_LIMIT_MS);
  const count = (pattern) => Number(pattern.exec(output)?.[1] ?? 0);
  const { closing } = runtime;
  const counts = {
    passed: count(closing.passed),
    failed: count(closing.failed),
    skipped: count(closing.skipped),
  };
  // Whatever goes wrong outside a test counts as one that failed.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code === 0 && counts.passed + counts.skipped === 0) counts.failed = 1;
  const hasFailed = counts.failed > 0;
  const end = isHung ? ', HUNG' : code === 0 ? '' : `, ended with ${signal ?? code}`;
  console.log(
    `${hasFailed ? '✖' : '✔'} ${name} ${file.slice('test/'.length)}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds(start)}${end}`,
  );
  if (hasFailed) console.log(shorten(output));
  else for (const line of output.match(/^.*\bleft out: .*$/gm) ?? []) console.log(`  ${line}`);
  return counts;
}

/** Into a file, because under Wine a worker cannot open a pipe of the system outside. */
function runIn({ binary, env }, args, limitMs) {
  const path = join(project.folder, `output-${(outputs += 1)}.txt`);
  const file = openSync(path, 'w');
  return new Promise((resolve, reject) => {
    // A process group of its own: what a test leaves behind is killed with it.
    const child = spawn(binary, args, {
      cwd: project.folder,
      detached: true,
      env: { ...env, NODE_TEST_CONTEXT: undefined },
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    let isHung = false;
    const kill = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of them have ended.
      }
    };
    const timer = setTimeout(() => {
      isHung = true;
      kill();
    }, limitMs);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      kill();
      resolve({ output: readFileSync(path, 'utf8'), code, signal, isHung });
    });
  });
}

function shorten(output) {
  return output
    .split('\n')
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line))
    .join('\n');
}

function seconds(start) {
  return `${((performance.now() - start) / 1_000).toFixed(1)} s`;
}
