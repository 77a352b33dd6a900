// Does what a newcomer does, on four runtimes or on those that are named: packs palitra, installs it in an empty folder,
// copies the programs of the README and of the first steps into it, runs them, and compares what they print with what
// the page says; and so with three of the examples, in a folder of their own each. `npm run test:newcomer`,
// `npm run test:newcomer -- node26`.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokenPromise, promisedOutput } from '../.build/test/documents/output.js';
import { markdownBlocks } from '../.build/test/documents/blocks.js';
import { programsOf } from '../.build/test/documents/programs.js';
import { runtimes } from './runtimes.mjs';

const pages = ['README.md', 'docs/first-steps.md'];
const examples = ['babel-css-modules', 'markdown-it-shiki', 'sass-function'];
const root = fileURLToPath(new URL('../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const named = process.argv.slice(2);
const names = named.length > 0 ? named : ['node20', 'node24', 'bun', 'deno'];
let stumbles = 0;

function npm(args, cwd) {
  execFileSync('npm', ['--silent', ...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

if (!existsSync(join(here, 'node_modules'))) npm(['ci', '--no-audit', '--no-fund'], here);
const home = mkdtempSync(join(tmpdir(), 'palitra-newcomer-'));
try {
  npm(['pack', '--ignore-scripts', '--pack-destination', home], root);
  const tarball = join(
    home,
    readdirSync(home).find((name) => name.endsWith('.tgz')),
  );
  for (const page of pages) {
    const folder = join(home, page.replaceAll(/\W/g, '-'));
    mkdirSync(folder);
    npm(['init', '-y'], folder);
    npm(['install', '--no-audit', '--no-fund', tarball], folder);
    const programs = programsOf(markdownBlocks(readFileSync(join(root, page), 'utf8')));
    for (const name of names) {
      for (const program of programs) follow(name, page, folder, program);
    }
  }
  for (const example of examples) {
    const folder = join(home, example);
    const files = execFileSync('git', ['ls-files', `examples/${example}`], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of files.trim().split('\n')) {
      cpSync(join(root, file), join(folder, relative(`examples/${example}`, file)));
    }
    npm(['install', '--no-audit', '--no-fund', tarball], folder);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const [, shown] = /## Run it[^]*?```(?!sh)\w+\n([^]*?)```\n\n/.exec(readme);
    for (const name of names) start(name, example, folder, shown);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(stumbles === 0 ? 'no stumble' : `${stumbles} stumbles`);
process.exitCode = stumbles === 0 ? 0 : 1;

function follow(name, page, folder, { main, line, files }) {
  const { title } = runtimes[name];
  if (name === 'node20' && /\.m?ts$/.test(main)) {
    console.log(`left out: ${page}:${line} ${main}, because ${title} runs no TypeScript`);
    return;
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const { status, stdout, stderr } = execute(name, folder, main);
  const broken = brokenPromise(promisedOutput(files[main]), stdout);
  const isRight = status === 0 && broken === undefined && stderr === '';
  report(isRight, `on ${title}: ${page}:${line} ${main}`, broken, stdout + stderr);
}

/** What `npm start` of an example does, on any runtime. */
function start(name, example, folder, shown) {
  const { status, stdout, stderr } = execute(name, folder, 'main.js');
  const isRight = status === 0 && stdout.trim() === shown.trim();
  report(isRight, `on ${runtimes[name].title}: examples/${example}`, shown, stdout + stderr);
}

function execute(name, cwd, main) {
  const { binary, runArgs } = runtimes[name];
  const options = { cwd, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' };
  return spawnSync(binary, [...runArgs, main], options);
}

function report(isRight, what, promised, printed) {
  console.log(`${isRight ? 'works' : 'FAILS'} ${what}`);
  if (isRight) return;
  stumbles++;
  console.log(`  it did not print: ${promised}\n  it printed: ${printed}`);
}
