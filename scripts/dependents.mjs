// Real dependents of the originals, unchanged, from the registry: installed with and without the override in a temporary
// folder, run on this project's own sources, and compared byte by byte. `npm run test:dependents` takes all of them,
// `npm run test:dependents -- eslint-plugin-prettier` the ones that are named. `--time` compares how long ESLint takes.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages } from './packages.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const LIMIT_MS = 300_000;

const eslintWithPrettier = {
  'eslint.config.mjs': `
    import prettier from 'eslint-plugin-prettier/recommended';
    export default [{ files: ['**/*.mjs'] }, prettier];`,
  '.prettierrc': '{ "printWidth": 60 }',
};

/** What is installed, the files that make the program, and how it is run. */
const dependents = {
  'eslint-plugin-prettier': {
    replaces: 'synckit',
    install: {
      eslint: '9.39.5',
      prettier: '3.10.1',
      'eslint-plugin-prettier': '5.5.7',
      'eslint-config-prettier': '10.1.8',
    },
    files: eslintWithPrettier,
    run: ['node_modules/eslint/bin/eslint.js', '--format', 'json', 'sources'],
    sources: ['scripts', 'runtime-tests'],
    exitCode: 1,
  },
  '@prettier/sync': {
    replaces: 'make-synchronized',
    install: { prettier: '3.10.1', '@prettier/sync': '0.6.1' },
    files: {
      'main.mjs': `
        import { readdirSync, readFileSync } from 'node:fs';
        import prettier from '@prettier/sync';
        console.log(Object.keys(prettier), prettier.version, typeof prettier.util, Object.keys(prettier.util));
        for (const name of readdirSync('sources', { recursive: true }).sort()) {
          if (!/\\.(?:ts|md|mjs|json)$/.test(name)) continue;
          const file = 'sources/' + name;
          const options = { ...prettier.resolveConfig(file), filepath: file };
          const text = readFileSync(file, 'utf8');
          console.log(file, prettier.getFileInfo(file), prettier.check(text, options), prettier.format(text, options));
          console.log(prettier.formatWithCursor(text, { ...options, cursorOffset: 100 }).cursorOffset);
        }
        try {
          prettier.format('let = = 1', { parser: 'babel' });
        } catch (error) {
          console.log(error.constructor.name, error.name, error.message, error.loc, error.codeFrame, Object.keys(error));
        }
        // What it returns cannot be copied to another thread.
        try {
          prettier.getSupportInfo();
        } catch (error) {
          console.log(error.constructor.name, error.message.split('\\n')[0]);
        }`,
      '.prettierrc': '{ "printWidth": 60 }',
    },
    run: ['main.mjs'],
    sources: ['src', 'docs/moving'],
  },
  'eslint-mdx': {
    replaces: 'synckit',
    install: { eslint: '9.39.5', 'eslint-plugin-mdx': '3.8.3', 'eslint-mdx': '3.8.3' },
    files: {
      'eslint.config.mjs': `
        import * as mdx from 'eslint-plugin-mdx';
        export default [{ ...mdx.flat, processor: mdx.createRemarkProcessor({ lintCodeBlocks: true }) }, { rules: { 'no-var': 2, 'prefer-const': 2, 'no-undef': 1 } }];`,
    },
    run: ['node_modules/eslint/bin/eslint.js', '--format', 'json', 'sources'],
    sources: ['docs/moving', 'docs/guides'],
    exitCode: [0, 1],
  },
  'eslint-plugin-better-tailwindcss': {
    replaces: 'synckit',
    install: {
      eslint: '9.39.5',
      tailwindcss: '4.3.5',
      'eslint-plugin-better-tailwindcss': '4.7.0',
    },
    files: {
      'eslint.config.mjs': `
        import plugin from 'eslint-plugin-better-tailwindcss';
        export default [{
          files: ['**/*.jsx'], languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } },
          plugins: { tw: plugin }, settings: { 'better-tailwindcss': { entryPoint: 'main.css' } },
          rules: { 'tw/enforce-consistent-class-order': 1, 'tw/no-unknown-classes': 1, 'tw/no-conflicting-classes': 1, 'tw/enforce-shorthand-classes': 1 },
        }];`,
      'main.css': '@import "tailwindcss";',
      'sources/page.jsx': `
        export const page = <main className="text-red-500 p-4 flex block unknown-class mt-2 hover:underline"><b className="w-4 h-4 sm:p-2 p-1">x</b></main>;`,
    },
    run: ['node_modules/eslint/bin/eslint.js', '--format', 'json', 'sources'],
    sources: [],
    exitCode: [0, 1],
  },
  jest: {
    replaces: 'synckit',
    install: { jest: '30.5.2', prettier: '3.10.1' },
    files: {
      'jest.config.json': '{}',
      'sources/inline.test.js': `
        test('inline snapshots are written with prettier', () => {
          expect({ a: [1, 2, 3], b: 'text' }).toMatchInlineSnapshot();
          expect('some text').toMatchInlineSnapshot();
        });`,
      'main.mjs': `
        import { spawnSync } from 'node:child_process';
        import { readFileSync } from 'node:fs';
        const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--ci=false'], { stdio: 'ignore' });
        console.log(status, readFileSync('sources/inline.test.js', 'utf8'));`,
    },
    run: ['main.mjs'],
    sources: [],
  },
};

const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const unknown = wanted.find((name) => !Object.hasOwn(dependents, name));
if (unknown !== undefined) {
  throw new Error(`There is no dependent "${unknown}": ${Object.keys(dependents).join(', ')}.`);
}
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'palitra-dependents-')));
try {
  const tarballs = pack();
  for (const name of wanted.length > 0 ? wanted : Object.keys(dependents)) compare(name, tarballs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The tarballs of palitra and of the packages, by name. */
function pack() {
  const tarballs = {};
  for (const [name, where] of [
    ['palitra', root],
    ...packages.map((name) => [name, join(root, 'packages', name)]),
  ]) {
    const [{ filename }] = JSON.parse(
      npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], where),
    );
    tarballs[name] = join(folder, filename);
  }
  return tarballs;
}

function compare(name, tarballs) {
  const dependent = dependents[name];
  const { replaces } = dependent;
  const overrides = {
    [replaces]: `file:${tarballs[replaces]}`,
    palitra: `file:${tarballs.palitra}`,
  };
  const original = prepare(name, 'original', {});
  const override = prepare(name, 'override', overrides);
  const installed = JSON.parse(
    execFileSync(
      'node',
      ['-p', `JSON.stringify(require('./node_modules/${replaces}/package.json').name)`],
      { cwd: override, encoding: 'utf8' },
    ),
  );
  if (installed !== `@palitra/${replaces}`)
    throw new Error(`${name} was installed with ${installed}`);
  const [before, after] = [run(original, dependent), run(override, dependent)];
  if (before !== after) {
    writeFileSync(join(tmpdir(), 'dependents-original.txt'), before);
    writeFileSync(join(tmpdir(), 'dependents-override.txt'), after);
    throw new Error(
      `${name} prints something else with the override: diff ${tmpdir()}/dependents-{original,override}.txt`,
    );
  }
  if (before.length < 200) throw new Error(`${name} printed next to nothing: ${before}`);
  console.log(`${name}: ${before.length} characters, the same with @palitra/${replaces}`);
  if (process.argv.includes('--time')) time(name, original, override);
}

function prepare(name, kind, overrides) {
  const { install, files, sources } = dependents[name];
  const project = join(folder, name.replace('/', '-'), kind);
  mkdirSync(project, { recursive: true });
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'project', private: true, dependencies: install, overrides }),
  );
  for (const source of sources) {
    cpSync(join(root, source), join(project, 'sources', source), {
      recursive: true,
      filter: (file) => !file.includes('node_modules'),
    });
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(project, file, '..'), { recursive: true });
    writeFileSync(join(project, file), text);
  }
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts'], project);
  return project;
}

function run(project, { run: args, exitCode = 0 }) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1e9,
  });
  if (error !== undefined || ![exitCode].flat().includes(status)) {
    throw new Error(
      `${args.join(' ')} ended with ${status} in ${project}: ${stderr}${stdout.slice(-2_000)}`,
      { cause: error },
    );
  }
  return `${stdout}${stderr}`.replaceAll(project, '<project>');
}

/** ESLint on one file and on sixty, in turns: the ratio of the medians. */
function time(name, original, override) {
  const all = readdirSync(join(original, 'sources'), { recursive: true })
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => join('sources', file));
  for (const files of [all.slice(0, 1), all.slice(0, 60)]) {
    const times = { original: [], override: [] };
    for (let round = 0; round < 11; round++) {
      for (const [kind, cwd] of [
        ['original', original],
        ['override', override],
      ]) {
        const start = performance.now();
        spawnSync(process.execPath, [dependents[name].run[0], ...files], {
          cwd,
          stdio: 'ignore',
          timeout: LIMIT_MS,
        });
        times[kind].push(performance.now() - start);
      }
    }
    const [before, after] = [times.original, times.override].map(
      (list) => list.sort((a, b) => a - b)[5],
    );
    console.log(
      `${name}, ${files.length} files: ${(after / before).toFixed(3)} of the original's ${before.toFixed(0)} ms`,
    );
  }
}

function npm(args, cwd) {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
  });
}
