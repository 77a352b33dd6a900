// Runs the compiled tests on the packed tarball on every runtime, or on those that are named: `npm run test:runtimes`,
// `npm run test:runtimes -- node24 bun`. `--short` takes the suites that CI runs; after `--files` come parts of the names
// of test files.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackedProject, findTests } from '../scripts/packed-project.mjs';
import { leftOut } from './left-out.mjs';
import { installRuntimes, runtimes } from './runtimes.mjs';
import { findSuites } from './suites.mjs';

/** A file that takes longer hangs. */
const FILE_LIMIT_MS = 300_000;
const CONCURRENCY = 2;
/** Bun shows whole data: URLs in stacks. */
const LONGEST_LINE = 2_000;

const here = fileURLToPath(new URL('.', import.meta.url));
const { names, parts, isShort } = readArguments(process.argv.slice(2));

checkLimits();
installRuntimes();
const project = createPackedProject('palitra-runtimes-');
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
  const unknown = named.find((name) => !Object.hasOwn(runtimes, name));
  if (unknown !== undefined) {
    throw new Error(`There is no runtime "${unknown}": ${Object.keys(runtimes).join(', ')}.`);
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
  const runtime = runtimes[name];
  const { version } = checkGuard(name, runtime);
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
function checkGuard(name, { title, binary, runArgs }) {
  const text = execFileSync(binary, [...runArgs, 'guard.mjs'], {
    cwd: project.folder,
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const found = JSON.parse(text);
  const packed = new URL(`file://${project.folder}/node_modules/palitra/`).href;
  if (found.name !== name || found.onLoop !== found.version || !found.palitra.startsWith(packed)) {
    throw new Error(`This is not ${title} with the packed palitra: ${text}`);
  }
  return found;
}

function testFile(name, { binary, testArgs, closing }, file) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    // A process group of its own: what a test leaves behind is killed with it.
    const child = spawn(binary, [...testArgs, `./${file}`], {
      cwd: project.folder,
      detached: true,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (text) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
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
    }, FILE_LIMIT_MS);
    child.on('error', reject);
    child.on('exit', kill);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const count = (pattern) => Number(pattern.exec(output)?.[1] ?? 0);
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
      resolve(counts);
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
