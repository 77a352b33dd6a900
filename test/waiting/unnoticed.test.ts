/** A loop thread that ends without notifying its callers is noticed by whoever does not block either. */
import { test } from 'node:test';
import { isNode } from '../support/runtime.ts';
import { prints } from './programs.ts';

const DEATHS = `
  const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } });
  const exhaust = coroutine(async () => { await new Promise((resolve) => setTimeout(resolve, 10)); const all = []; for (;;) all.push(new Array(10_000).fill(1.5)); });
  const within = (ms, isOver) => { for (const end = performance.now() + ms; !isOver() && performance.now() < end;); };
  runner.run(nap(1));
`;

/** In Bun a worker has no limit of memory; Deno raises the limit, and the coroutine just never goes on. */
const skip = !isNode && 'only in Node a worker that is out of memory ends';

test(
  'a program that asks a task again and again whether it is done is told of the death',
  { skip },
  async () => {
    await prints(
      `${DEATHS}
    const task = runner.createTask(exhaust());
    within(60_000, () => task.done);
    console.log(task.done, attempt(() => task.result()), runner.isAlive, runner.run(nap(1, 'next')));`,
      ['true LoopThreadError false next'],
      { limitMs: 90_000 },
    );
  },
);

test(
  'isAlive tells of the death, and an innocent call that comes after it works',
  { skip },
  async () => {
    await prints(
      `${DEATHS}
    runner.createTask(exhaust()).catch(() => undefined);
    within(60_000, () => !runner.isAlive);
    console.log(runner.isAlive, runner.run(nap(1, 'next')), runner.isAlive);`,
      ['false next true'],
      { limitMs: 90_000 },
    );
  },
);

test(
  'after a timeout a death is told as what it is, and not as a loop thread that did not respond',
  { skip },
  async () => {
    await prints(
      `${DEATHS}
    const warnings = [];
    process.removeAllListeners('warning');
    process.on('warning', ({ code }) => warnings.push(code));
    const task = runner.createTask(exhaust());
    task.catch(() => undefined);
    // Each is shorter than the look around after a slice of sleep.
    within(60_000, () => { attempt(() => runner.run(nap(60_000), { timeout: 40 })); return task.done; });
    console.log(runner.run(nap(1, 'next')), attempt(() => task.result()));
    await new Promise((resolve) => setImmediate(resolve));
    console.log(warnings.join());`,
      ['next LoopThreadError', ''],
      { limitMs: 90_000 },
    );
  },
);

test(
  'when the only other loop thread that could call back dies, a call that can never settle is told so',
  { skip },
  async () => {
    await prints(
      `${DEATHS}
    const holds = coroutine(async (kept) => { globalThis.kept = kept; await new Promise((resolve) => setTimeout(resolve, 10)); const all = []; for (;;) all.push(new Array(10_000).fill(1.5)); });
    runner.createTask(holds(keep(() => 1))).catch(() => undefined);
    console.log(attempt(() => run(never())));`,
      ['NeverSettledError'],
      { limitMs: 90_000 },
    );
  },
);

test('a call that a dying loop thread has never taken is sent again, and works', async () => {
  await prints(
    `const other = new EventLoopThreadRunner();
    const dies = coroutine(() => { for (const end = performance.now() + 300; performance.now() < end;); process.exit(3); });
    other.run(nap(1));
    other.createTask(dies()).catch(() => undefined);
    console.log(other.run(callBack(() => 'next')));`,
    ['next'],
  );
});

test('a call that had begun when its loop thread died is told so, and not sent again', async () => {
  await prints(
    `const flags = new Int32Array(new SharedArrayBuffer(4));
    const dies = coroutine((flags) => { Atomics.add(flags, 0, 1); process.exit(3); });
    console.log(attempt(() => run(dies(flags))), flags[0], run(nap(1, 'next')), flags[0]);`,
    ['LoopThreadError 1 next 1'],
  );
});
