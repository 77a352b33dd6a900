// Runs the tests of the drop-in packages, on this runtime and on those that are named: each is the path of a program
// such as node or bun. The programs that they run are children, which are killed if they hang.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages } from './packages.mjs';

const root = fileURLToPath(new URL('../packages/', import.meta.url));
const files = packages.flatMap((name) =>
  readdirSync(join(root, name, 'test'))
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join(root, name, 'test', file)),
);
for (const runtime of [process.execPath, ...process.argv.slice(2)]) {
  const version = execFileSync(runtime, ['-p', 'process.versions.node'], {
    encoding: 'utf8',
    timeout: 60_000,
  }).trim();
  console.log(`The drop-in packages on ${runtime}, which is Node ${version} or says so:`);
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
    {
      stdio: 'inherit',
      env: { ...process.env, PALITRA_RUNTIME: runtime, PALITRA_RUNTIME_VERSION: version },
    },
  );
  process.exitCode ||= status ?? 1;
}
