/** A loop thread that ends without notifying its callers is noticed by whoever does not block either. */
import { test } from 'node:test';
import { isDeno } from '../support/runtime.ts';
import { prints } from './programs.ts';

const DEATHS = `
  const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } });
  const exhaust = coroutine(async () => { await new Promise((resolve) => setTimeout(resolve, 10)); const all = []; for (;;) all.push(new Array(10_000).fill(1.5)); });
  const within = (ms, isOver) => { for (const end = performance.now() + ms; !isOver() && performance.now() < end;); };
  runner.run(nap(1));
`;

const skip = isDeno && 'Deno raises the limit, and the coroutine just never goes on';

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
  'a call whose time is up says that the loop thread has died, if it has',
  { skip },
  async () => {
    await prints(
      `${DEATHS}
    runner.createTask(exhaust()).catch(() => undefined);
    const message = (body) => { try { return body(); } catch (error) { return error.name; } };
    // Each is shorter than the look around after a slice of sleep.
    const seen = new Set();
    within(60_000, () => { seen.add(message(() => runner.run(nap(60_000), { timeout: 60 }))); return seen.has('LoopThreadError'); });
    console.log(seen.has('LoopThreadError'), runner.run(nap(1, 'next')));`,
      ['true next'],
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
