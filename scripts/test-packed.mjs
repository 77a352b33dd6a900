// Runs the compiled tests on the packed tarball, installed in a project of its own: all of them, or those whose names
// contain one of the arguments.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const wanted = process.argv.slice(2);
const project = realpathSync(mkdtempSync(join(tmpdir(), 'palitra-packed-')));

try {
  const npm = (args, cwd) =>
    execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  npm(['pack', '--ignore-scripts', '--pack-destination', project], root);
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'packed', private: true, type: 'module' }),
  );
  npm(['install', '--no-audit', '--no-fund', `./${tarball}`], project);

  const guard = `import.meta.resolve('palitra').startsWith(${JSON.stringify(new URL(`file://${project}/node_modules/palitra/`).href)})`;
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', `if (!(${guard})) throw new Error('not the packed palitra')`],
    { cwd: project },
  );

  // What only the tests need comes from the checkout.
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name === 'palitra') continue;
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  cpSync(join(root, '.build', 'test'), join(project, 'test'), {
    recursive: true,
    filter: (source) =>
      !['tooling', 'soak', 'documents'].some((name) => source.includes(join('test', name))),
  });
  const files = readdirSync(join(project, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .sort();
  if (files.length === 0) throw new Error('no such compiled tests: run npm run build:test first');
  console.log(`The same tests on ${tarball}:`);
  const { status } = spawnSync(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      '--test-concurrency=2',
      '--test-timeout=300000',
      ...files.map((name) => join('test', name)),
    ],
    { cwd: project, stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
