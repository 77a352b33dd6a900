import { test } from 'node:test';
import { deepEqual, equal, throws } from 'node:assert/strict';
import { coroutines, iterate, run, type Coroutine } from 'palitra';
import { createFlags, level, awaitFlag } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const PRODUCED = 0;
const ABORTED = 1;
const CLEANED = 2;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const producers = coroutines<typeof import('../fixtures/producers.ts')>(
  '../fixtures/producers.js',
  import.meta,
);

for (const highWaterMark of [1, 2, 64]) {
  const options = { highWaterMark };
  const title = `with a highWaterMark of ${highWaterMark}`;

  test(`break has run the producer's finally before the next statement, ${title}`, () => {
    const flags = createFlags();
    for (const item of iterate(producers.countTo(1_000, flags), options)) {
      if (item === 3) break;
    }
    equal(level(flags, CLEANED), 1);
  });

  test(`so has return, ${title}`, () => {
    const flags = createFlags();
    const find = (wanted: number): number | undefined => {
      for (const item of iterate(producers.countTo(1_000, flags), options)) {
        if (item === wanted) return item;
      }
      return undefined;
    };
    equal(find(3), 3);
    equal(level(flags, CLEANED), 1);
  });

  test(`so has an exception in the loop body, which is thrown, ${title}`, () => {
    const flags = createFlags();
    const reason = new Error('enough');
    throws(
      () => {
        for (const _ of iterate(producers.countTo(1_000, flags), options)) throw reason;
      },
      (error) => error === reason,
    );
    equal(level(flags, CLEANED), 1);
  });

  test(`so has destructuring, and the end of a using block, ${title}`, () => {
    const flags = createFlags();
    const [first, second] = iterate(producers.countTo(1_000, flags), options);
    deepEqual([first, second], [1, 2]);
    equal(level(flags, CLEANED), 1);
    {
      using iterator = iterate(producers.countTo(1_000, flags), options);
      iterator.next();
    }
    equal(level(flags, CLEANED), 2);
  });

  test(`an iteration to the end runs the finally once, ${title}`, () => {
    const flags = createFlags();
    for (const _ of iterate(producers.countTo(100, flags), options));
    equal(level(flags, CLEANED), 1);
  });

  test(`return(value) gives the value back, and ends the iterator, ${title}`, () => {
    const iterator = iterate(producers.countTo(1_000), options);
    iterator.next();
    deepEqual(iterator.return('early'), { done: true, value: 'early' });
    deepEqual(iterator.next(), { done: true, value: undefined });
    deepEqual(iterator.return('again'), { done: true, value: 'again' });
  });

  test(`return() before the first item starts nothing, ${title}`, () => {
    const flags = createFlags();
    const iterator = iterate(producers.countTo(1_000, flags), options);
    deepEqual(iterator.return('never begun'), { done: true, value: 'never begun' });
    deepEqual(iterator.next(), { done: true, value: undefined });
    run(arithmetic.add(1, 2));
    equal(level(flags, PRODUCED), 0);
  });

  test(`an error of the clean-up is thrown where the loop ends, ${title}`, () => {
    throws(() => {
      for (const _ of iterate(producers.failToCleanUp(), options)) break;
    }, new RangeError('in finally'));
    equal(run(arithmetic.add(1, 2)), 3);
  });

  test(`what the producer does ahead of a break is not thrown there, ${title}`, () => {
    for (let index = 0; index < 100; index++) {
      for (const item of iterate(producers.failAfter(2), options)) {
        equal(item, 1);
        // Sometimes it has failed by now, sometimes it is just failing, sometimes it has not yet.
        if (index % 3 > 0) run(arithmetic.add(1, 2));
        break;
      }
    }
  });

  test(`throw(error) of an iterator that has not begun, or has ended, throws the error here, ${title}`, () => {
    const reason = new RangeError('enough');
    const iterator = iterate(producers.converse(), options);
    throws(
      () => iterator.throw(reason),
      (error) => error === reason,
    );
    deepEqual(iterator.next(), { done: true, value: undefined });
    throws(
      () => iterator.throw(reason),
      (error) => error === reason,
    );
  });
}

test('a producer that waits for its next item is woken by its signal', () => {
  const flags = createFlags();
  for (const _ of iterate(producers.stall(flags))) {
    awaitFlag(flags, PRODUCED);
    break;
  }
  deepEqual([level(flags, ABORTED), level(flags, CLEANED)], [1, 1]);
});

for (const [name, source] of Object.entries(producers.silent)) {
  test(`a stream that waits for its next item is destroyed: ${name}`, () => {
    const flags = createFlags();
    for (const item of iterate(source(flags) as Coroutine<AsyncIterable<number>>)) {
      equal(item, 1);
      run(arithmetic.add(1, 2));
      break;
    }
    awaitFlag(flags, CLEANED);
  });
}

test('in lock-step, next(value) reaches the producer', () => {
  const iterator = iterate(producers.converse(), { highWaterMark: 1 });
  deepEqual(iterator.next('lost, as in every generator'), { done: false, value: 'ready' });
  for (const value of [1, 'two', { three: 3 }, undefined, null]) {
    deepEqual(iterator.next(value), { done: false, value });
  }
  deepEqual(iterator.next('end'), { done: true, value: 'ended' });
});

test('in lock-step, throw(error) reaches the producer, which may catch it and go on', () => {
  const iterator = iterate(producers.converse(), { highWaterMark: 1 });
  iterator.next();
  deepEqual(iterator.throw(new RangeError('one')), { done: false, value: 'caught one' });
  deepEqual(iterator.next('on'), { done: false, value: 'on' });
  throws(() => iterator.throw(new TypeError('two')), new TypeError('two'));
  deepEqual(iterator.next(), { done: true, value: undefined });
});

test('in lock-step, throw(error) ends a source that cannot be thrown into', () => {
  const iterator = iterate(producers.sources.array(), { highWaterMark: 1 });
  iterator.next();
  throws(() => iterator.throw(new RangeError('enough')), new RangeError('enough'));
  deepEqual(iterator.next(), { done: true, value: undefined });
});

test('when the producer runs ahead, throw(error) ends the iteration and throws the error here', () => {
  const flags = createFlags();
  const iterator = iterate(producers.countTo(1_000, flags));
  iterator.next();
  const reason = new RangeError('enough');
  throws(
    () => iterator.throw(reason),
    (error) => error === reason,
  );
  equal(level(flags, CLEANED), 1);
  deepEqual(iterator.next(), { done: true, value: undefined });
});
