/** Suites of many files that each use palitra and never close it: loop threads must not add up. */
import { deepEqual, ok } from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSuite } from './suites.mjs';

const FILES = 200;

const loop = `
import { appendFileSync } from 'node:fs';
import { onShutdown } from 'palitra/loop';

let calls = 0;
export async function count(log) {
  if (calls === 0) onShutdown(() => appendFileSync(log, 'cleaned up\\n'));
  return (calls += 1);
}
`;

/** Counts the threads of its process while its own loop thread is there. */
const testFile = (head) => `
${head}
import { appendFileSync, readdirSync } from 'node:fs';
import { coroutines, EventLoopThreadRunner, run } from 'palitra';

const { count } = coroutines('./loop.mjs', import.meta);
const log = new URL('./log.txt', import.meta.url);

test('every file has a loop thread with modules of its own', () => {
  expect(run(count(log.pathname))).toBe(1);
  expect(new EventLoopThreadRunner().run(count(log.pathname))).toBe(1);
  appendFileSync(log, process.pid + ' ' + readdirSync('/proc/self/task').length + '\\n');
});
`;

async function playMany(runner, { head, file, args, env }) {
  const build = fileURLToPath(new URL('../.build/', import.meta.url));
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, 'many-'));
  try {
    await writeFile(join(folder, 'loop.mjs'), loop);
    for (let n = 1; n <= FILES; n++) await writeFile(join(folder, file(n)), testFile(head));
    await runSuite(runner, args(folder), { count: FILES, env });
    const lines = (await readFile(join(folder, 'log.txt'), 'utf8')).trim().split('\n');
    const reports = lines.filter((line) => line !== 'cleaned up').map((line) => line.split(' '));
    return { reports, cleanUps: lines.length - reports.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The threads of each process, as file after file has counted them. */
function checkThreads({ reports }) {
  const processes = Map.groupBy?.(reports, ([pid]) => pid) ?? groupByFirst(reports);
  for (const counts of processes.values()) {
    const threads = counts.map(([, count]) => Number(count));
    // The loop threads of this file, and of the one before while they end.
    const limit = threads[0] + 3;
    ok(Math.max(...threads) <= limit, `${threads.length} files: ${threads.join(' ')}`);
  }
}

function groupByFirst(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row[0], [...(groups.get(row[0]) ?? []), row]);
  return groups;
}

const isSkipped = process.platform === 'linux' ? false : 'threads are counted in /proc';

test(`Jest, ${FILES} files in two processes`, { skip: isSkipped }, async () => {
  const outcome = await playMany('jest', {
    head: "import { expect, test } from '@jest/globals';",
    file: (n) => `${n}.jest.mjs`,
    args: (folder) => [
      `--rootDir=${folder}`,
      '--testMatch=**/*.jest.mjs',
      '--transform={}',
      '--maxWorkers=2',
    ],
    env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  checkThreads(outcome);
  deepEqual(outcome.cleanUps, 2 * FILES);
});

for (const pool of ['vmThreads', 'threads']) {
  test(`Vitest, ${FILES} files in ${pool}`, { skip: isSkipped }, async () => {
    const outcome = await playMany('vitest', {
      head: "import { expect, test } from 'vitest';",
      file: (n) => `${n}.test.mjs`,
      args: (folder) => [`--root=${folder}`, `--pool=${pool}`, '--maxWorkers=2'],
    });
    checkThreads(outcome);
  });
}
