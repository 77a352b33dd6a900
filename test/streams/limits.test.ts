import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import {
  CancelledError,
  coroutines,
  EventLoopThreadRunner,
  iterate,
  LoopThreadError,
  run,
  RunnerClosedError,
  TimeoutError,
  UncloneableError,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const ABORTED = 1;
const CLEANED = 2;
const AN_HOUR = 3_600_000;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const producers = coroutines<typeof import('../fixtures/producers.ts')>(
  '../fixtures/producers.js',
  import.meta,
);

function nap(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

for (const highWaterMark of [1, 64]) {
  test(`the timeout is per item, with a highWaterMark of ${highWaterMark}`, () => {
    run(producers.warmUp());
    const start = performance.now();
    for (const _ of iterate(producers.countTo(3), { timeout: 1_000, highWaterMark })) nap(400);
    ok(performance.now() - start > 1_000);
  });

  test(`1 ms against never: the items before it, a TimeoutError, and the end, with a highWaterMark of ${highWaterMark}`, () => {
    const flags = createFlags();
    run(producers.warmUp());
    const iterator = iterate(producers.stall(flags), { timeout: 1_000, highWaterMark });
    equal(iterator.next().value, 1);
    throws(
      () => iterator.next(),
      (error: unknown) => {
        ok(error instanceof TimeoutError);
        match(error.message, /^The next item of \S*#stall had not come after 1000 ms/);
        return true;
      },
    );
    awaitFlag(flags, CLEANED);
    equal(level(flags, ABORTED), 1);
    deepEqual(iterator.next(), { done: true, value: undefined });
    deepEqual(iterator.return(), { done: true, value: undefined });
  });
}

test('an hour against soon: the items', () => {
  deepEqual([...iterate(producers.countTo(3), { timeout: AN_HOUR })], [1, 2, 3]);
});

test('a clean-up that takes too long is a TimeoutError where the loop ends', () => {
  using runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
  runner.run(parking.soon(0));
  throws(
    () => {
      for (const _ of runner.iterate(parking.itemsThenDeaf(), { timeout: 1_000 })) break;
    },
    { name: 'TimeoutError', message: /^The end of \S*#itemsThenDeaf had not come after 1000 ms/ },
  );
});

test('a signal that is aborted already throws its reason, and nothing starts', () => {
  const flags = createFlags();
  const reason = new Error('never mind');
  const iterator = iterate(producers.countTo(3, flags), { signal: AbortSignal.abort(reason) });
  throws(
    () => iterator.next(),
    (error) => error === reason,
  );
  run(arithmetic.add(1, 2));
  equal(level(flags, 0), 0);
});

test('a signal that is aborted in the loop body ends it at once, whatever is in store', () => {
  const flags = createFlags();
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error('enough');
  const seen: number[] = [];
  throws(
    () => {
      for (const item of iterate(producers.countTo(1_000, flags), { signal })) {
        seen.push(item);
        if (item === 3) controller.abort(reason);
      }
    },
    (error) => error === reason,
  );
  deepEqual(seen, [1, 2, 3]);
  awaitFlag(flags, CLEANED);
  equal(getEventListeners(signal, 'abort').length, 0);
});

test('a signal that is aborted in a callback of the producer ends the wait', () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const abort = (item: number): number => {
    if (item === 2) controller.abort(reason);
    return item;
  };
  const iterator = iterate(producers.callForEach(abort), {
    signal: controller.signal,
    highWaterMark: 1,
  });
  equal(iterator.next().value, 1);
  throws(
    () => iterator.next(),
    (error) => error === reason,
  );
});

test('the signal of an iteration that has ended keeps no listener, however it ended', () => {
  const { signal } = new AbortController();
  for (const _ of iterate(producers.countTo(3), { signal }));
  for (const _ of iterate(producers.countTo(3), { signal })) break;
  throws(() => [...iterate(producers.failAfter(3), { signal })]);
  throws(() => [...iterate(producers.stall(createFlags()), { signal, timeout: 1 })]);
  equal(getEventListeners(signal, 'abort').length, 0);
});

for (const highWaterMark of [1, 2, 64]) {
  test(`an item that cannot cross: the ones before it, UncloneableError, and the finally has run, with a highWaterMark of ${highWaterMark}`, () => {
    const flags = createFlags();
    const seen: unknown[] = [];
    throws(
      () => {
        for (const item of iterate(producers.smuggle(flags), { highWaterMark })) seen.push(item);
      },
      (error: unknown) => {
        ok(error instanceof UncloneableError);
        equal(error.path, 'item.deep[0]');
        return true;
      },
    );
    deepEqual(seen, [1, 2]);
    equal(level(flags, CLEANED), 1);
    equal(run(arithmetic.add(1, 2)), 3);
  });
}

test('a value that cannot be sent to the producer is an UncloneableError, and the iteration goes on', () => {
  const iterator = iterate(producers.converse(), { highWaterMark: 1 });
  iterator.next();
  throws(() => iterator.next(Symbol('no')), UncloneableError);
  deepEqual(iterator.next('yes'), { done: false, value: 'yes' });
  iterator.return();
});

test('close() in the middle: CancelledError, and the finally has run', () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  throws(() => {
    for (const item of runner.iterate(producers.countTo(1_000, flags))) {
      if (item === 3) runner.close();
    }
  }, CancelledError);
  equal(level(flags, CLEANED), 1);
  throws(() => runner.iterate(producers.countTo(3)), RunnerClosedError);
});

test('close() in the middle, and then break', () => {
  const runner = new EventLoopThreadRunner();
  const flags = createFlags();
  for (const _ of runner.iterate(producers.countTo(1_000, flags))) {
    runner.close();
    break;
  }
  equal(level(flags, CLEANED), 1);
});

test('close() in a callback of the producer', () => {
  const runner = new EventLoopThreadRunner();
  const iterator = runner.iterate(producers.callForEach(() => runner.close()));
  throws(() => iterator.next(), CancelledError);
});

for (const highWaterMark of [1, 64]) {
  test(`a producer that dies with its thread: the items before it, then LoopThreadError, with a highWaterMark of ${highWaterMark}`, async () => {
    const { stdout, isHung } = await runScript(
      `
      import { coroutines, iterate, run } from 'palitra';
      const producers = coroutines('./producers.js', import.meta);
      try {
        for (const item of iterate(producers.dieAfter(3), { highWaterMark: ${highWaterMark} })) console.log(item);
      } catch (error) { console.log(error.code, error.exitCode); }
      console.log(...iterate(producers.countTo(3)));`,
    );
    deepEqual(
      { stdout, isHung },
      { stdout: '1\n2\n3\nERR_PALITRA_LOOP_DIED 3\n1 2 3\n', isHung: false },
    );
  });
}

test('an iterator whose loop thread has died in between says so', () => {
  const runner = new EventLoopThreadRunner();
  const iterator = runner.iterate(producers.countTo(1_000), { highWaterMark: 1 });
  iterator.next();
  throws(() => runner.run(parking.exit(3)), LoopThreadError);
  throws(() => iterator.next(), LoopThreadError);
  deepEqual(iterator.next(), { done: true, value: undefined });
  runner.close();
});

test('an iterator that is forgotten in the middle is collected, and its producer ends', async () => {
  const { stdout, isHung } = await runScript(
    `
    import { coroutines, iterate, run } from 'palitra';
    const producers = coroutines('./producers.js', import.meta);
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const flags = new Int32Array(new SharedArrayBuffer(16));
    (() => { for (let index = 0; index < 20; index++) iterate(producers.countTo(1_000, flags)).next(); })();
    while (Atomics.load(flags, 2) < 20) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
      run(arithmetic.add(1, 2));
    }
    console.log('all', ...iterate(producers.countTo(3)));`,
    { nodeArgs: ['--expose-gc'] },
  );
  deepEqual({ stdout, isHung }, { stdout: 'all 1 2 3\n', isHung: false });
});

test('an iterator that is left in the middle does not keep the process alive', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, iterate } from 'palitra';
    const producers = coroutines('./producers.js', import.meta);
    console.log(iterate(producers.countTo(1_000)).next().value);`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: '1\n', isHung: false });
});
