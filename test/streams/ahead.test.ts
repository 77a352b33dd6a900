import { test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { coroutines, createTask, iterate, run } from 'palitra';
import { awaitFlag, createFlags, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const PRODUCED = 0;

const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const producers = coroutines<typeof import('../fixtures/producers.ts')>(
  '../fixtures/producers.js',
  import.meta,
);

for (const highWaterMark of [1, 2, 3, 10, 64, 200]) {
  test(`the producer runs at most ${highWaterMark} items ahead`, () => {
    const flags = createFlags();
    let consumed = 0;
    for (const item of iterate(producers.countTo(1_000, flags), { highWaterMark })) {
      consumed += 1;
      equal(item, consumed);
      // Now and then it gets all the time in the world to run further ahead than it may.
      if (consumed % 100 === 1) run(parking.soon(0));
      const produced = level(flags, PRODUCED);
      ok(produced <= consumed + highWaterMark, `${produced} produced, ${consumed} consumed`);
    }
    equal(consumed, 1_000);
  });
}

test('it does run ahead: while the caller is busy with one item, the next ones are made', () => {
  const flags = createFlags();
  for (const _ of iterate(producers.countTo(1_000, flags), { highWaterMark: 64 })) {
    awaitFlag(flags, PRODUCED, 64);
    break;
  }
});

test('the default is 64 items', () => {
  const flags = createFlags();
  const iterator = iterate(producers.countTo(1_000, flags));
  iterator.next();
  awaitFlag(flags, PRODUCED, 64);
  run(parking.soon(0));
  equal(level(flags, PRODUCED), 64);
  iterator.return();
});

test('in lock-step the producer makes one item for each that is asked for', () => {
  const flags = createFlags();
  const iterator = iterate(producers.countTo(100, flags), { highWaterMark: 1 });
  for (let consumed = 1; consumed <= 100; consumed++) {
    iterator.next();
    run(parking.soon(0));
    equal(level(flags, PRODUCED), consumed);
  }
  iterator.return();
});

test('items come one by one when the producer is slow, not when a batch is full', () => {
  const flags = createFlags();
  for (const item of iterate(producers.stall(flags))) {
    equal(item, 1);
    break;
  }
});

test('other coroutines of the loop thread go on meanwhile', async () => {
  const others = Array.from({ length: 10 }, (_, index) => createTask(parking.soon(index)));
  let sum = 0;
  for (const item of iterate(producers.countTo(10_000))) sum += item;
  equal(sum, 50_005_000);
  deepEqual(await Promise.all(others), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('large items and small ones keep their order', () => {
  const sizes = [1, 40_000, 3, 200_000, 5, 1_000_000, 7];
  for (const highWaterMark of [1, 64]) {
    const lengths = [...iterate(producers.texts(sizes), { highWaterMark })].map(
      (text) => text.length,
    );
    deepEqual(lengths, sizes);
  }
});
