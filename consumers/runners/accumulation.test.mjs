/** Suites of many files that each use palitra and never close it: loop threads must not add up. */
import { equal, ok } from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSuite } from './suites.mjs';

const loop = `
import { appendFileSync } from 'node:fs';
import { onShutdown } from 'palitra/loop';

let calls = 0;
export async function count(log) {
  if (calls === 0) onShutdown(() => appendFileSync(log, 'cleaned up\\n'));
  return (calls += 1);
}
`;

/** Counts the threads of its process while its own loop thread is there: the global runner's, or one that it never closes. */
const testFile = (head, isOwn) => `
${head}
import { appendFileSync, readdirSync } from 'node:fs';
import { coroutines, EventLoopThreadRunner, run } from 'palitra';

const { count } = coroutines('./loop.mjs', import.meta);
const log = new URL('./log.txt', import.meta.url);

test('every file has a loop thread with modules of its own', () => {
  const runner = ${isOwn ? 'new EventLoopThreadRunner()' : '{ run }'};
  expect(runner.run(count(log.pathname))).toBe(1);
  appendFileSync(log, process.pid + ' ' + readdirSync('/proc/self/task').length + '\\n');
});
`;

/** The setup file of the guide. */
const closing = (head) => `
${head.replace('expect, test', 'afterAll')}
import { shutdownGlobalRunner } from 'palitra';
afterAll(() => shutdownGlobalRunner());
`;

async function playMany(runner, { files, head, file, args, env, config, ownRunners = true }) {
  const build = fileURLToPath(new URL('../.build/', import.meta.url));
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, 'many-'));
  try {
    await writeFile(join(folder, 'loop.mjs'), loop);
    await writeFile(join(folder, 'close.mjs'), closing(head));
    if (config !== undefined) await writeFile(join(folder, 'vitest.config.mjs'), config);
    for (let n = 1; n <= files; n++) {
      await writeFile(join(folder, file(n)), testFile(head, ownRunners && n % 2 === 0));
    }
    await runSuite(runner, args(folder), { count: files, env });
    const lines = (await readFile(join(folder, 'log.txt'), 'utf8')).trim().split('\n');
    const reports = lines.filter((line) => line !== 'cleaned up').map((line) => line.split(' '));
    return { reports, cleanUps: lines.length - reports.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The threads of each process, as file after file has counted them. */
function checkThreads(reports) {
  const processes = new Map();
  for (const [pid, count] of reports) {
    processes.set(pid, [...(processes.get(pid) ?? []), Number(count)]);
  }
  for (const [first, ...threads] of processes.values()) {
    // The loop thread of this file, and those of the two before while they end; for each of two workers.
    const most = Math.max(first, ...threads);
    ok(most <= first + 6, `${threads.length} files: ${first} ${threads.join(' ')}`);
  }
}

const jest = {
  head: "import { expect, test } from '@jest/globals';",
  file: (n) => `${n}.jest.mjs`,
  args: (folder) => [
    `--rootDir=${folder}`,
    '--testMatch=**/*.jest.mjs',
    '--transform={}',
    '--maxWorkers=2',
  ],
  env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
};

const vitest = (pool) => ({
  head: "import { expect, test } from 'vitest';",
  file: (n) => `${n}.test.mjs`,
  args: (folder) => [`--root=${folder}`, `--pool=${pool}`, '--maxWorkers=2'],
});

const isSkipped = process.platform === 'linux' ? false : 'threads are counted in /proc';

test('Jest, 200 files in two processes', { skip: isSkipped }, async () => {
  const files = 200;
  const { reports, cleanUps } = await playMany('jest', {
    files,
    ...jest,
  });
  checkThreads(reports);
  // Jest gives its processes half a second to end, which may be too little for the last of each.
  ok(cleanUps >= files - 2, `${cleanUps} clean-ups`);
});

/** In `threads` a worker ends with its test file, and its loop thread with it. */
for (const [pool, files] of [
  ['vmThreads', 200],
  ['threads', 40],
]) {
  test(`Vitest, ${files} files in ${pool}`, { skip: isSkipped }, async () => {
    const { reports } = await playMany('vitest', {
      files,
      ...vitest(pool),
    });
    checkThreads(reports);
  });
}

test('Jest, with a setup file that closes the global runner: every file is cleaned up after', async () => {
  const args = (folder) => [...jest.args(folder), `--setupFilesAfterEnv=${folder}/close.mjs`];
  const { cleanUps } = await playMany('jest', { ...jest, args, files: 4, ownRunners: false });
  equal(cleanUps, 4);
});

test('Vitest, with a setup file that closes the global runner: every file is cleaned up after', async () => {
  const config = "export default { test: { setupFiles: ['./close.mjs'] } };";
  const options = { ...vitest('threads'), config, files: 4, ownRunners: false };
  const { cleanUps } = await playMany('vitest', options);
  equal(cleanUps, 4);
});
