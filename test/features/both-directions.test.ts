import { test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { coroutines, createTask, gather, run } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const { hashFile } = coroutines<typeof import('../fixtures/digest.ts')>(
  '../fixtures/digest.js',
  import.meta,
);
const busy = coroutines<typeof import('../fixtures/busy.ts')>('../fixtures/busy.js', import.meta);
const meeting = coroutines<typeof import('../fixtures/meeting.ts')>(
  '../fixtures/meeting.js',
  import.meta,
);
const thisFile = fileURLToPath(import.meta.url);

/** How often an interval of 10 ms fires while the work goes on. */
async function countTurns(work: () => unknown): Promise<number> {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 10);
  await work();
  clearInterval(timer);
  return turns;
}

test('heavy synchronous work runs on the loop thread, while the caller’s own loop stays responsive', async () => {
  const expected = createHash('sha256').update(readFileSync(thisFile)).digest('hex');
  let digest: string | undefined;
  const turns = await countTurns(async () => {
    digest = await createTask(hashFile(thisFile, 1_000));
  });
  equal(digest, expected);
  // A hundred on a quiet machine, and none if the work were done here.
  ok(turns >= 10, `the interval fired ${turns} times`);
});

test('so does work that blocks its thread', async () => {
  const turns = await countTurns(async () => createTask(busy.nap(1_000)));
  ok(turns >= 10, `the interval fired ${turns} times`);
});

test('the same work in run() lets nothing turn here', async () => {
  equal(await countTurns(() => run(hashFile(thisFile, 100))), 0);
});

test('async code may await one task after the other, and block in between', async () => {
  const first = await createTask(busy.sleepFor(1, 'first'));
  const second = run(busy.sleepFor(1, `${first}, second`));
  equal(await createTask(busy.sleepFor(1, `${second}, third`)), 'first, second, third');
});

test('ten tasks run side by side, and so do the members of a gather: each of them waits for all the others', async () => {
  const values = Array.from({ length: 10 }, (_, index) => index);
  const tasks = values.map((value) => createTask(meeting.meet(10, value)));
  deepEqual(await Promise.all(tasks), values);
  deepEqual(gather(values.map((value) => meeting.meet(10, value))), values);
});
