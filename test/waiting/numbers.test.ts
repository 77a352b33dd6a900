/** Calls, callbacks, their invocations and handles have numbers of 32 bits, which begin again. */
import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { importInternal } from '../support/internal.ts';
import { runNode } from '../support/child.ts';

const { Ids } = (await importInternal('wire/ids')) as typeof import('../../.build/src/wire/ids.js');

test('numbers are given out in a row, begin again after 2³², and leave out those in use', () => {
  const inUse = new Set<number>();
  const ids = new Ids(inUse);
  equal(ids.next(), 1);
  equal(ids.reserve(3), 2);
  equal(ids.reserve(0xffff_ffff - 6), 5);
  inUse.add(1).add(3).add(7);
  // There is no room for four in a row before the end, nor between those in use.
  equal(ids.reserve(4), 8);
  inUse.add(13);
  deepEqual([ids.next(), ids.next()], [12, 14]);
});

test('a build whose numbers begin just before the end behaves as any other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-numbers-'));
  try {
    const dist = fileURLToPath(new URL('./', import.meta.resolve('palitra')));
    cpSync(dist, join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    let found = 0;
    for (const file of readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.js'))) {
      const path = join(folder, 'dist', file);
      const text = readFileSync(path, 'utf8');
      found += text.split('BEFORE_FIRST = 0;').length - 1;
      writeFileSync(path, text.replaceAll('BEFORE_FIRST = 0;', 'BEFORE_FIRST = 0xffff_ffff - 40;'));
    }
    // Of the calling thread, and of the loop thread, whose code is a string in the first and a file of its own.
    equal(found >= 2, true);
    const program = join(folder, 'main.mjs');
    writeFileSync(
      program,
      `import { coroutine, coroutines, createTask, gather, iterate, keep, run } from ${JSON.stringify(pathToFileURL(join(folder, 'dist/index.js')).href)};
      const echo = coroutine(async (value) => value);
      const opens = coroutine(() => new Promise((resolve) => { globalThis.open = resolve; }));
      const sum = coroutine(async (call) => { let sum = 0; for (let n = 1; n <= 200; n++) sum += await call(n); return sum; });
      const first = createTask(opens());
      const kept = keep((n) => n);
      const { URL } = coroutines('node:url');
      const url = run(new URL('http://localhost/first'));
      for (let round = 0; round < 60; round++) {
        if (run(echo(round)) !== round) throw new Error('another reply');
        if (run(sum((n) => n)) !== 20_100 || run(sum(kept)) !== 20_100) throw new Error('another callback');
        if (gather(Array.from({ length: 30 }, (_, n) => echo(n))).join() !== Array.from({ length: 30 }, (_, n) => n).join()) throw new Error('another member');
        if (run(run(new URL('http://localhost/' + round)).toString()) !== 'http://localhost/' + round) throw new Error('another handle');
        if ([...iterate(coroutine(async function* (n) { yield n; })(round))][0] !== round) throw new Error('another item');
      }
      run(coroutine(() => globalThis.open('the first'))());
      console.log(await first, run(url.toString()));`,
    );
    const { stdout, stderr, isHung } = await runNode([program], { limitMs: 60_000 });
    deepEqual(
      { stdout, stderr, isHung },
      { stdout: 'the first http://localhost/first\n', stderr: '', isHung: false },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
