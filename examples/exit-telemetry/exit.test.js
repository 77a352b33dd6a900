import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startCollector } from './collector.js';
import { runJob } from './run-job.js';

const ceiling = { timeout: 120_000 };
const here = fileURLToPath(new URL('.', import.meta.url));
const steps = (count) => Array.from({ length: count }, (_, n) => `step ${n}`);

test('`npm start` prints what the README shows', ceiling, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], { cwd: here });
  const [, shown] = /```text\n([^]*?)```/.exec(await readFile(`${here}README.md`, 'utf8'));
  assert.equal(stdout.trim(), shown.trim());
});

test('spans of several batches all arrive, once', ceiling, async () => {
  const collector = await startCollector();
  const { code } = await runJob('process.exit(3)', collector.url, { count: 2_000 });
  const names = collector.takeNames();
  collector.stop();
  assert.equal(code, 3);
  assert.equal(names.length, 2_000);
  assert.deepEqual(new Set(names), new Set(steps(2_000)));
});

test(
  'a collector that does not answer delays the end by two seconds, and changes nothing else',
  ceiling,
  async () => {
    const collector = await startCollector({ answers: false });
    const startMs = performance.now();
    const { code, signal, stderr } = await runJob('process.exit(3)', collector.url);
    collector.stop();
    assert.deepEqual([code, signal], [3, null]);
    assert.match(stderr, /some spans were lost: .*had not ended after/);
    assert.ok(performance.now() - startMs >= 1_999);
  },
);

test('a collector that is not there changes nothing', ceiling, async () => {
  const collector = await startCollector();
  collector.stop();
  const { code, signal, stderr } = await runJob('uncaught exception', collector.url);
  assert.deepEqual([code, signal], [1, null]);
  assert.match(stderr, /out of tea/);
  assert.match(stderr, /some spans were lost: fetch failed/);
});
