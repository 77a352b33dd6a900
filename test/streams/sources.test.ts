import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  iterate,
  run,
  type Coroutine,
} from 'palitra';
import { createFlags, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const producers = coroutines<typeof import('../fixtures/producers.ts')>(
  '../fixtures/producers.js',
  import.meta,
);

const sources: Record<string, () => Coroutine<Iterable<number> | AsyncIterable<number>>> = {
  'an array': producers.sources.array,
  'an array that a function returns at once': producers.sources.arrayAtOnce,
  'a Set': producers.sources.set,
  'a generator': producers.sources.generator,
  'an async generator': producers.sources.asyncGenerator,
  'a promise of an async generator': producers.sources.promiseOfAsyncGenerator,
  'a Node Readable': producers.sources.readable,
  'a ReadableStream': producers.sources.readableStream,
  'a typed array': producers.sources.typedArray,
  'an async iterator with promises of another library': producers.sources.foreignPromises,
};

for (const [title, source] of Object.entries(sources)) {
  for (const highWaterMark of [1, 2, 64]) {
    test(`iterate goes over ${title}, with a highWaterMark of ${highWaterMark}`, () => {
      deepEqual([...iterate(source(), { highWaterMark })], [1, 2, 3]);
    });
  }
}

test('iterate goes over the characters of a string', () => {
  deepEqual([...iterate(producers.sources.string())], ['1', '2', '3']);
});

test('iterate goes over a generator written in place', () => {
  const squares = coroutine(async function* (last: number) {
    for (let number = 1; number <= last; number++) yield number * number;
  });
  deepEqual([...iterate(squares(4))], [1, 4, 9, 16]);
});

test('iterate of a runner runs on its own loop thread', () => {
  using runner = new EventLoopThreadRunner();
  const where = coroutine(async function* () {
    const { threadId } = await import('node:worker_threads');
    yield threadId;
  });
  deepEqual([...runner.iterate(where())], [runner.getLoop().threadId]);
});

test('no items', () => {
  deepEqual([...iterate(producers.countTo(0))], []);
});

for (const count of [1, 63, 64, 65, 127, 128, 129, 1_000, 10_000]) {
  test(`${count} items all arrive, in order, whatever the highWaterMark`, () => {
    for (const highWaterMark of [1, 2, 3, 64, 127, 128, 129, 5_000]) {
      let expected = 0;
      for (const item of iterate(producers.countTo(count), { highWaterMark })) {
        expected += 1;
        if (item !== expected) equal(item, expected);
      }
      equal(expected, count);
    }
  });
}

test('the return value of the generator arrives in its place', () => {
  for (const highWaterMark of [1, 64]) {
    const iterator = iterate(producers.countTo(1), { highWaterMark });
    deepEqual(iterator.next(), { done: false, value: 1 });
    deepEqual(iterator.next(), { done: true, value: 'counted' });
    deepEqual(iterator.next(), { done: true, value: undefined });
    function* delegate(): Generator<number, void, unknown> {
      equal(yield* iterate(producers.countTo(2), { highWaterMark }), 'counted');
    }
    deepEqual([...delegate()], [1, 2]);
  }
});

for (const highWaterMark of [1, 2, 64]) {
  test(`an error of the producer is thrown in its place, with a highWaterMark of ${highWaterMark}`, () => {
    const seen: number[] = [];
    const iterator = iterate(producers.failAfter(3), { highWaterMark });
    throws(() => {
      for (const item of iterator) seen.push(item);
    }, new RangeError('after 3'));
    deepEqual(seen, [1, 2, 3]);
    deepEqual(iterator.next(), { done: true, value: undefined });
  });
}

test('an error before the first item is thrown by the first next()', () => {
  const iterator = iterate(producers.failAfter(0));
  throws(() => iterator.next(), new RangeError('after 0'));
  const failing = iterate(arithmetic.fail('no'));
  throws(() => failing.next(), new RangeError('no'));
});

test('the stack of such an error shows both threads', () => {
  function theConsumer(): void {
    for (const _ of iterate(producers.failAfter(1)));
  }
  throws(theConsumer, ({ stack }: Error) => {
    match(stack!, /failAfter.*producers\.js[^]*---[^]*theConsumer.*sources\.test\.js/);
    return true;
  });
});

for (const [title, source] of Object.entries(producers.others)) {
  test(`a result that cannot be iterated is a TypeError that says what to do: ${title}`, () => {
    const iterator = iterate(source() as Coroutine<never>);
    throws(() => iterator.next(), {
      name: 'TypeError',
      message:
        /others\.\S+ cannot be iterated: iterate\(\) takes .* For a single value use run\(\)/,
    });
    equal(run(arithmetic.add(1, 2)), 3);
  });
}

test('run of an async generator says to use iterate', () => {
  throws(() => run(producers.countTo(3)), {
    name: 'UncloneableError',
    message: /iterate\(/,
  });
});

test('a value that is no coroutine, and a bad highWaterMark, are refused at once', () => {
  throws(() => iterate([1, 2] as never), {
    name: 'TypeError',
    message: /iterate\(\) takes a coroutine/,
  });
  for (const highWaterMark of [0, -1, 1.5, NaN, Infinity, '5' as never, null as never]) {
    throws(() => iterate(producers.countTo(3), { highWaterMark }), {
      name: 'RangeError',
      message: /highWaterMark is a whole number of items above zero/,
    });
  }
});

test('the producer starts with the first item that is asked for', () => {
  const flags = createFlags();
  const iterator = iterate(producers.countTo(3, flags));
  run(arithmetic.add(1, 2));
  equal(level(flags, 0), 0);
  iterator.next();
  ok(level(flags, 0) > 0);
  iterator.return();
});

test('an iterator can be iterated once, in parts', () => {
  const iterator = iterate(producers.countTo(5));
  equal(iterator[Symbol.iterator](), iterator);
  equal(iterator.next().value, 1);
  deepEqual([...iterator], [2, 3, 4, 5]);
  deepEqual([...iterator], []);
});

test('two iterators are interleaved, on one loop thread or two', () => {
  using other = new EventLoopThreadRunner();
  for (const highWaterMark of [1, 2, 64]) {
    const left = iterate(producers.countTo(200), { highWaterMark });
    const right = iterate(producers.countTo(200), { highWaterMark });
    const third = other.iterate(producers.countTo(200), { highWaterMark });
    for (const item of left) deepEqual([right.next().value, third.next().value], [item, item]);
    deepEqual([right.next().value, third.next().value], ['counted', 'counted']);
  }
});

test('an iteration inside another, and inside a callback of a third', () => {
  const triangle = (last: number): number =>
    [...iterate(producers.countTo(last))].reduce((sum, item) => sum + item, 0);
  for (const highWaterMark of [1, 64]) {
    const sums = [...iterate(producers.callForEach(triangle), { highWaterMark })];
    deepEqual(sums, [1, 3, 6]);
    const seen: number[] = [];
    for (const outer of iterate(producers.countTo(3), { highWaterMark }))
      seen.push(triangle(outer));
    deepEqual(seen, [1, 3, 6]);
  }
});
