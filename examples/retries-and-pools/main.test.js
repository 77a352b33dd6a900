import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('retries, limits and pools behind run(), and the program ends', () => {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split('\n'), [
    'answer about 1, answer about 2, answer about 3, answer about 4',
    '12 attempts, at most 2 at once',
    'tinypool: [ 1229, 2262, 3245 ]',
    'piscina: [ 1229, 2262, 3245 ]',
  ]);
});
