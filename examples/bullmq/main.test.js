import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const isMissing = spawnSync('redis-server', ['--version']).error !== undefined;
if (isMissing)
  console.error('SKIPPED: redis-server is not installed (apt-get install redis-server).');

test(
  '500 coroutines come back from three workers, one of which is killed',
  { skip: isMissing },
  () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('./main.js', import.meta.url))],
      { encoding: 'utf8', timeout: 180_000, killSignal: 'SIGKILL' },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^500 images in [\d.]+ s\. Worker [ABC] was killed on the way\.$/m);

    const [, killed] = /Worker (\w) was killed/.exec(stdout);
    const rows = stdout.match(/^ +\d+ {2}[ABCabc]{50}$/gm);
    assert.equal(rows.length, 10, stdout);
    const letters = rows.map((row) => row.slice(7)).join('');
    // What the killed worker had begun was run again, by the others.
    assert.match(letters, /[abc]/);
    assert.ok(!letters.includes(killed.toLowerCase()), 'nothing ran again on the one that is dead');
    for (const name of ['A', 'B', 'C']) assert.ok(letters.includes(name), `${name} had its share`);
    assert.match(stdout, /workers left: 2$/m);
  },
);
