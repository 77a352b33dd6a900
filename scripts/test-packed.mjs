// Runs the compiled tests on the packed tarball, installed in a project of its own: all of them, or those whose names
// contain one of the arguments.
import { execFileSync, spawnSync } from 'node:child_process';
import { createPackedProject, findTests } from './packed-project.mjs';

const project = createPackedProject('palitra-packed-');

try {
  const guard = `import.meta.resolve('palitra').startsWith(${JSON.stringify(new URL(`file://${project.folder}/node_modules/palitra/`).href)})`;
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', `if (!(${guard})) throw new Error('not the packed palitra')`],
    { cwd: project.folder },
  );

  const files = findTests(project.folder, process.argv.slice(2));
  if (files.length === 0) throw new Error('no such compiled tests: run npm run build:test first');
  console.log(`The same tests on ${project.tarball}:`);
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=1200000', ...files],
    { cwd: project.folder, stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} finally {
  project.remove();
}
