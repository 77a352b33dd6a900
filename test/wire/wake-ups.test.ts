/**
 * Who sleeps is woken, and not merely found out by the look around after each slice of 100 ms: of many
 * sleeps, half are over before that. (One may be held up by a busy machine for any time.)
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const SLICE_MS = 100;

const prelude = `
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, run } from 'palitra';
  const later = coroutine(async (ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
  const timed = (body) => { const start = performance.now(); body(); return performance.now() - start; };
`;

async function check(script: string, expected: string): Promise<void> {
  const { stdout, stderr, isHung, code } = await runScript(prelude + script, { limitMs: 60_000 });
  deepEqual(
    { stdout, stderr, isHung, code },
    { stdout: expected, stderr: '', isHung: false, code: 0 },
  );
}

for (const waitStrategy of ['adaptive', 'sleep']) {
  test(`a caller that sleeps is woken by the reply, with the strategy ${waitStrategy}`, async () => {
    await check(
      `const runner = new EventLoopThreadRunner({ waitStrategy: '${waitStrategy}' });
      runner.run(later(1));
      console.log(median(Array.from({ length: 21 }, () => timed(() => runner.run(later(5))))) < ${SLICE_MS});`,
      'true\n',
    );
  });
}

test('a caller that sleeps is woken by the end of the loop thread', async () => {
  await check(
    `const exit = coroutine(async () => { setTimeout(() => process.exit(3), 10); await new Promise((resolve) => setTimeout(resolve, 60_000)); });
    const times = Array.from({ length: 9 }, () => {
      const runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
      runner.run(later(1));
      return timed(() => { try { runner.run(exit()); } catch {} });
    });
    console.log(median(times) < ${SLICE_MS});`,
    'true\n',
  );
});

test('a loop thread that sleeps is woken by each call, also when many come from callbacks and tasks', async () => {
  await check(
    `const runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
    runner.run(later(0));
    for (let n = 0; n < 300; n++) {
      const task = runner.createTask(later(n % 3));
      runner.run(later(0));
      task.result();
    }
    console.log('done');`,
    'done\n',
  );
});

test('a loop thread that sleeps is woken by what nobody is blocked for, and by a call with a limit', async () => {
  await check(
    `const runner = new EventLoopThreadRunner();
    const rest = () => new Promise((resolve) => setTimeout(resolve, 5));
    const times = [];
    for (let n = 0; n < 9; n++) {
      await rest();
      const start = performance.now();
      await runner.createTask(later(0));
      times.push(performance.now() - start);
      await rest();
      times.push(timed(() => runner.run(later(0), { timeout: 10_000 })));
    }
    console.log(median(times) < ${SLICE_MS});
    runner.close();`,
    'true\n',
  );
});

test('a reply that comes as its thread stops being blocked for another one is heard', async () => {
  await check(
    `const waiting = [];
    const api = coroutines(new URL('data:text/javascript,' + encodeURIComponent(\`
      const waiting = [];
      export const wait = (n) => new Promise((resolve) => waiting.push(() => resolve(n)));
      // Answered first; the other follows at once.
      export const release = async (rounds) => {
        queueMicrotask(async () => { for (let n = 0; n < rounds; n++) await null; for (const go of waiting.splice(0)) go(); });
        return 'released';
      };\`)));
    for (let n = 0; n < 3_000; n++) {
      const task = createTask(api.wait(n));
      run(api.release(n % 12));
      if ((await task) !== n) throw new Error('wrong');
    }
    console.log('done');`,
    'done\n',
  );
});

test('timers of the loop thread fire during hot calls, and it rests when there are none', async () => {
  await check(
    `const api = coroutines(new URL('data:text/javascript,' + encodeURIComponent(\`
      let ticks = 0;
      export const start = async () => void setInterval(() => (ticks += 1), 1);
      export const count = async () => ticks;\`)));
    run(api.start());
    const end = performance.now() + 500;
    const before = run(api.count());
    while (performance.now() < end) run(api.count());
    console.log(run(api.count()) - before > 5);
    process.exit(0);`,
    'true\n',
  );
});
