import { test } from 'node:test';
import { equal, throws } from 'node:assert/strict';
import { coroutine, run, createTask, shutdownGlobalRunner } from 'palitra';
import { awaitFlag, createFlags, level, raise } from './flags.ts';

test('a flag raised on another thread ends the waiting', () => {
  const raiseLater = coroutine(async (flags: Int32Array) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    Atomics.add(flags, 1, 1);
    Atomics.notify(flags, 1);
  });
  const flags = createFlags();
  run(coroutine(async () => undefined)());
  createTask(raiseLater(flags));
  awaitFlag(flags, 1);
  equal(level(flags, 1), 1);
  shutdownGlobalRunner();
});

test('a flag that nobody raises fails the test at the ceiling', () => {
  const flags = createFlags();
  raise(flags, 0);
  throws(() => awaitFlag(flags, 0, 2, 5), /flag 0 was raised 1 times instead of 2 within 5 ms/);
});
