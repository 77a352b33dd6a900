// Runs the compiled tests: all of them, or those whose names contain one of the arguments.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.build/test/', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()
  .map((name) => join(folder, name));

if (files.length === 0) {
  console.error(
    `No test file ${wanted.length === 0 ? 'was compiled' : `is named like ${wanted.join(', ')}`}.`,
  );
  process.exit(1);
}

const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=1200000', ...files],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
