/** Runs a test runner's command line in a process of its own, and reads what it reports. */
import { equal, fail } from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../child.mjs';

const { resolve } = createRequire(import.meta.url);
const commands = {
  jest: resolve('jest/bin/jest'),
  vitest: join(resolve('vitest/package.json'), '..', 'vitest.mjs'),
};

/** Both write the same report. */
export async function runSuite(runner, args, { env, count }) {
  const report = join(tmpdir(), `palitra-${runner}-${process.pid}-${Math.random()}.json`);
  const reporting = runner === 'jest' ? ['--ci', '--json'] : ['run', '--reporter=json'];
  const command = [commands[runner], ...reporting, `--outputFile=${report}`, ...args];
  const { code, isHung, stdout, stderr } = await runProgram(process.execPath, command, {
    cwd: fileURLToPath(new URL('./', import.meta.url)),
    env: { JEST_WORKER_ID: undefined, VITEST: undefined, ...env },
    limitMs: 280_000,
  });
  try {
    if (isHung) fail(`${runner} did not end: ${stderr}`);
    const { numPassedTests, numTotalTests } = JSON.parse(await readFile(report, 'utf8'));
    if (code !== 0) fail(`${runner} ended with code ${code}: ${stderr}\n${stdout}`);
    equal(numPassedTests, count);
    equal(numTotalTests, count);
  } finally {
    await rm(report, { force: true });
  }
}
