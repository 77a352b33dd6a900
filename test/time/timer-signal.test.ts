import { test } from 'node:test';
import { equal, rejects, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  iterate,
  run,
  start,
} from 'palitra';
import { fetchSync } from 'palitra/fetch';
import { setTimeout } from 'node:timers/promises';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const answer = coroutine(async () => 42);
const numbers = coroutine(async function* () {
  yield 1;
});
const never = coroutine(() => new Promise((resolve) => globalThis.setTimeout(resolve, 3_600_000)));
const ready = coroutines<typeof import('../fixtures/ready.ts')>(
  '../fixtures/ready.js',
  import.meta,
);

const HOUR = 3_600_000;
const refusal = {
  name: 'TypeError',
  message: /AbortSignal\.timeout\(\) would never abort.* Write \{ timeout: 2_000 \} instead/,
};

/** All that block, and are given a signal. */
const blocking: Record<string, (options: { signal: AbortSignal; timeout?: number }) => unknown> = {
  run: (options) => run(answer(), options),
  gather: (options) => gather([answer()], options),
  iterate: (options) => [...iterate(numbers(), options)],
  start: (options) => start(ready.returnAtOnce(), options).value,
  fetchSync: (options) => fetchSync('data:,42', options).text(),
};

for (const [name, block] of Object.entries(blocking)) {
  test(`a signal that only a timer of this thread aborts is refused: ${name}`, () => {
    const timer = AbortSignal.timeout(HOUR);
    for (const signal of [
      timer,
      AbortSignal.any([new AbortController().signal, timer]),
      AbortSignal.any([AbortSignal.any([timer])]),
    ]) {
      throws(() => block({ signal }), refusal);
    }
  });

  test(`beside a timeout it does no harm: ${name}`, () => {
    block({ signal: AbortSignal.timeout(HOUR), timeout: HOUR });
  });

  test(`a signal of a controller, or of several, is not taken for one: ${name}`, () => {
    const { signal } = new AbortController();
    block({ signal });
    block({ signal: AbortSignal.any([signal, new AbortController().signal]) });
  });
}

test('one whose time is over is aborted as any other', async () => {
  const signal = AbortSignal.timeout(1);
  // Its timer alone would not keep the process.
  while (!signal.aborted) await setTimeout(1);
  throws(() => run(answer(), { signal }), { name: 'TimeoutError', code: 23 });
});

test('the timeout of the runner counts', () => {
  using runner = new EventLoopThreadRunner({ timeout: HOUR });
  equal(runner.run(answer(), { signal: AbortSignal.timeout(HOUR) }), 42);
});

test('a task blocks nothing, and the timer ends it', async () => {
  await rejects(createTask(never(), { signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
});

test('blocking for such a task is refused, and the task goes on', async () => {
  const task = createTask(answer(), { signal: AbortSignal.timeout(HOUR) });
  const endless = createTask(never(), { signal: AbortSignal.timeout(HOUR) });
  throws(() => endless.result(), refusal);
  throws(() => endless.result({ timeout: 1 }), { name: 'TimeoutError' });
  equal(endless.done, false);
  endless.cancel();
  equal(await task, 42);
  equal(task.result(), 42);
});
