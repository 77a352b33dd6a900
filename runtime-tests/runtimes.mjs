// The runtimes, where they are installed, and how each runs a file of tests.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const installed = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));

const node = (major) => ({
  title: `Node ${major}`,
  binary: installed(`node${major}/bin/node`),
  runArgs: [],
  testArgs: ['--test', '--test-reporter=spec', '--test-timeout=1200000'],
  closing: { passed: /^ℹ pass (\d+)/m, failed: /^ℹ fail (\d+)/m, skipped: /^ℹ skipped (\d+)/m },
});

export const runtimes = {
  node20: node(20),
  node22: node(22),
  node24: node(24),
  node26: node(26),
  bun: {
    title: 'Bun',
    binary: installed('bun/bin/bun.exe'),
    runArgs: [],
    testArgs: ['test', '--timeout', '1200000'],
    closing: { passed: /^ *(\d+) pass$/m, failed: /^ *(\d+) fail$/m, skipped: /^ *(\d+) skip$/m },
  },
  deno: {
    title: 'Deno',
    binary: installed('deno/deno'),
    runArgs: ['run', '--allow-all', '--no-check'],
    testArgs: ['test', '--allow-all', '--no-check'],
    closing: {
      passed: /^(?:ok|FAILED) \| (\d+) passed/m,
      failed: /^(?:ok|FAILED) \|.*?(\d+) failed/m,
      skipped: /^(?:ok|FAILED) \|.*?(\d+) ignored/m,
    },
  },
};

/** Into `runtime-tests/node_modules`, unless they are all there. */
export function installRuntimes() {
  if (Object.values(runtimes).every(({ binary }) => existsSync(binary))) return;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
}
