import { after, before, test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from '../support/child.ts';

const MIB = 1 << 20;
const SIZE = 200 * MIB;
const LINE_BYTES = 1_024;

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palitra-'));
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Each line begins with its number. */
function writeLines(path: string): void {
  const file = openSync(path, 'w');
  const perBlock = MIB / LINE_BYTES;
  for (let block = 0; block < SIZE / MIB; block++) {
    let text = '';
    for (let line = block * perBlock; line < (block + 1) * perBlock; line++) {
      text += `${String(line).padEnd(LINE_BYTES - 1, '.')}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

test('a file of 200 MB is read line by line, with heaps that could not hold a quarter of it', async () => {
  const path = join(folder, 'lines.txt');
  writeLines(path);
  const { code, stdout, stderr, isHung } = await runScript(
    `
    import { coroutines, EventLoopThreadRunner } from 'palitra';
    const bulk = coroutines('./bulk.js', import.meta);
    const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 48 } });
    let count = 0;
    let bytes = 0;
    for (const line of runner.iterate(bulk.lines(process.argv[2]))) {
      if (parseInt(line) !== count) throw new Error('line ' + count + ' is ' + line.slice(0, 20));
      count += 1;
      bytes += line.length + 1;
    }
    console.log(JSON.stringify({ count, bytes }));
    runner.close();`,
    { args: [path], nodeArgs: ['--max-old-space-size=48'], limitMs: 240_000 },
  );
  deepEqual({ code, isHung, stderr }, { code: 0, isHung: false, stderr: '' });
  deepEqual(JSON.parse(stdout), { count: SIZE / LINE_BYTES, bytes: SIZE });
});

test('an HTTP response of 200 MB is read chunk by chunk, and the server is never far ahead', async () => {
  const { code, stdout, stderr, isHung } = await runScript(
    `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    import { coroutines, iterate, run } from 'palitra';
    const bulk = coroutines('./bulk.js', import.meta);
    const flags = new Int32Array(new SharedArrayBuffer(4));
    const server = new Worker(new URL('./bulk.js', import.meta.url), {
      workerData: { bulk: { flags, bytes: ${SIZE} } },
    });
    const [port] = await once(server, 'message');
    let received = 0;
    let furthestAhead = 0;
    const peaks = [0, 0];
    let isRight = true;
    for (const chunk of iterate(bulk.body('http://127.0.0.1:' + port))) {
      const place = Math.floor(received / 65_536) % 251;
      isRight &&= chunk[0] === place;
      received += chunk.byteLength;
      furthestAhead = Math.max(furthestAhead, Atomics.load(flags, 0) * 65_536 - received);
      const half = received < ${SIZE / 2} ? 0 : 1;
      peaks[half] = Math.max(peaks[half], process.memoryUsage().rss);
    }
    console.log(JSON.stringify({ received, isRight, furthestAhead, growth: peaks[1] - peaks[0] }));
    process.exit();`,
    { limitMs: 120_000 },
  );
  deepEqual({ code, isHung, stderr }, { code: 0, isHung: false, stderr: '' });
  const { received, isRight, furthestAhead, growth } = JSON.parse(stdout) as {
    received: number;
    isRight: boolean;
    furthestAhead: number;
    growth: number;
  };
  equal(received, SIZE);
  ok(isRight, 'the chunks are in order');
  ok(furthestAhead < 32 * MIB, `the server was ${furthestAhead} bytes ahead`);
  ok(growth < 0.4 * SIZE, `the process grew by ${growth} bytes in the second half`);
});
