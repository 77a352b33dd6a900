import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import {
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  run,
  shutdownGlobalRunner,
  TimeoutError,
} from 'palitra';
import { awaitFlag, createFlags, ENOUGH_TO_BEGIN, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const AN_HOUR = 3_600_000;
const STARTED = 0;
const ABORTED = 1;
const CLEANED = 2;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);

test('run blocks until the coroutine has ended, and returns its result', () => {
  equal(run(arithmetic.add(1, 2)), 3);
  equal(run(parking.soon('rested')), 'rested');
});

for (const value of [undefined, null, 0, -0, '', false, NaN, 0n]) {
  test(`a result may be ${Object.is(value, -0) ? '-0' : typeof value === 'bigint' ? '0n' : String(value) || "''"}`, () => {
    ok(Object.is(run(arithmetic.echo(value)), value));
  });
}

test('it throws what the coroutine throws', () => {
  throws(() => run(arithmetic.fail('no')), new RangeError('no'));
  throws(() => run(arithmetic.failAtOnce('no')), new RangeError('no'));
});

for (const value of [undefined, null, 0, '', 'text', { key: 1 }]) {
  test(`it throws ${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)} as such`, () => {
    let thrown: { value: unknown } | undefined;
    try {
      run(arithmetic.throwIt(value));
    } catch (error) {
      thrown = { value: error };
    }
    deepEqual(thrown, { value });
  });
}

test('after a failure the next call works', () => {
  for (let index = 0; index < 100; index++) {
    throws(() => run(arithmetic.fail(String(index))), new RangeError(String(index)));
    equal(run(arithmetic.add(index, 1)), index + 1);
  }
});

test('the stack shows the loop thread’s frames, one separating line, and then the caller’s', () => {
  function theCaller(): never {
    // Not in tail position: Bun leaves no frame of such a function.
    const values = [run(arithmetic.fail('no'))];
    return values[0]!;
  }
  throws(theCaller, ({ stack }: Error) => {
    match(stack!, /RangeError: no\n\s+at \S*fail .*arithmetic\.js/);
    match(stack!, /theCaller.*run\.test\.js/);
    const lines = stack!.split('\n');
    const inner = lines.findIndex((line) => line.includes('arithmetic.js'));
    const outer = lines.findIndex((line) => line.includes('theCaller'));
    equal(lines.slice(inner, outer).filter((line) => line.includes('---')).length, 1);
    ok(!stack!.includes('palitra-core.js'));
    return true;
  });
});

test('1 ms against never: TimeoutError, with the coroutine and the time in its message', () => {
  const start = performance.now();
  throws(
    () => run(parking.park(), { timeout: 1 }),
    (error: unknown) => {
      ok(error instanceof TimeoutError);
      equal(error.code, 'ERR_PALITRA_TIMEOUT');
      match(error.message, /parking\.js#park had not ended after 1 ms/);
      match(error.message, /getSignal\(\)/);
      return true;
    },
  );
  ok(performance.now() - start >= 1);
});

test('an hour against soon: the result', () => {
  equal(run(parking.soon('rested'), { timeout: AN_HOUR }), 'rested');
});

test('without a limit: undefined and Infinity wait', () => {
  equal(run(parking.soon(1), {}), 1);
  equal(run(parking.soon(2), { timeout: undefined }), 2);
  equal(run(parking.soon(3), { timeout: Infinity }), 3);
});

for (const timeout of [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, Number.MAX_VALUE, 0.5 + 2 ** 31]) {
  test(`a timeout of ${timeout} ms does not overflow`, () => {
    equal(run(parking.soon('rested'), { timeout }), 'rested');
  });
}

test('a timeout may be a fraction of a millisecond', () => {
  throws(() => run(parking.park(), { timeout: 0.1 }), TimeoutError);
  throws(() => run(parking.park(), { timeout: Number.MIN_VALUE }), TimeoutError);
});

test('on timeout the coroutine’s signal aborts with that error, and its cleanup runs', () => {
  const flags = createFlags();
  run(parking.soon(1));
  throws(() => run(parking.parkForReason(flags), { timeout: ENOUGH_TO_BEGIN }), TimeoutError);
  awaitFlag(flags, ABORTED);
  const { name, code, message } = run(parking.reason());
  deepEqual({ name, code }, { name: 'TimeoutError', code: 'ERR_PALITRA_TIMEOUT' });
  match(message, /parkForReason/);
});

test('the finally blocks of a coroutine that timed out run', () => {
  const flags = createFlags();
  run(parking.soon(0));
  throws(() => run(parking.park(flags), { timeout: ENOUGH_TO_BEGIN }), TimeoutError);
  awaitFlag(flags, CLEANED);
  equal(level(flags, CLEANED), 1);
});

test('a coroutine whose time is up before it has begun does not start', () => {
  throws(() => run(arithmetic.count(), { timeout: Number.MIN_VALUE }), TimeoutError);
  equal(run(arithmetic.countSoFar()), 0);
});

test('the late reply of a coroutine that timed out never reaches another call', () => {
  const flags = createFlags();
  run(parking.soon(0));
  for (let index = 0; index < 50; index++) {
    throws(() => run(parking.echoLate(-1, flags), { timeout: 1 }), TimeoutError);
    equal(run(arithmetic.echo(index)), index);
    equal(run(parking.soon(index)), index);
  }
});

test('the timeout holds while the loop thread computes, and the next call succeeds on a new one', async (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => undefined);
  const flags = createFlags();
  equal(run(arithmetic.count()), 1);
  run(parking.soon(0));
  throws(() => run(parking.compute(flags), { timeout: ENOUGH_TO_BEGIN }), TimeoutError);
  equal(level(flags, STARTED), 1);
  equal(run(arithmetic.count()), 1);
  equal(warnings.mock.callCount(), 1);
  match(String(warnings.mock.calls[0]!.arguments[0]), /parking\.js#compute/);
});

test('a coroutine that computes and then ends in time keeps its loop thread', () => {
  const flags = createFlags();
  equal(run(arithmetic.count()), 1);
  run(parking.soon(0));
  throws(() => run(parking.compute(flags), { timeout: ENOUGH_TO_BEGIN }), TimeoutError);
  Atomics.store(flags, ABORTED, 1);
  equal(run(arithmetic.count()), 2);
});

test('a signal that is aborted already throws its reason, and nothing starts', () => {
  const reason = new Error('never mind');
  throws(() => run(arithmetic.count(), { signal: AbortSignal.abort(reason) }), reason);
  throws(() => run(arithmetic.count(), { signal: AbortSignal.abort() }), { name: 'AbortError' });
  equal(run(arithmetic.countSoFar()), 0);
});

test('a signal that is aborted from a callback ends the call with its reason', () => {
  const controller = new AbortController();
  const flags = createFlags();
  const reason = new Error('enough');
  const parkAfterCallback = coroutine(async (stop: () => Promise<void>, shared: Int32Array) => {
    const { getSignal } = await import('palitra/loop');
    getSignal().addEventListener('abort', () => Atomics.add(shared, 1, 1));
    await stop();
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  });
  throws(
    () =>
      run(
        parkAfterCallback(() => controller.abort(reason), flags),
        { signal: controller.signal },
      ),
    (error) => error === reason,
  );
  run(arithmetic.add(1, 2));
  equal(level(flags, 1), 1);
});

test('a signal that does not abort changes nothing, and keeps no listener', () => {
  const { signal } = new AbortController();
  equal(run(arithmetic.add(1, 2), { signal }), 3);
  throws(() => run(arithmetic.fail('no'), { signal }));
  throws(() => run(parking.park(), { signal, timeout: 1 }), TimeoutError);
  equal(getEventListeners(signal, 'abort').length, 0);
});

test('run of a runner is the same on its own loop thread', () => {
  using runner = new EventLoopThreadRunner();
  equal(runner.run(arithmetic.add(1, 2)), 3);
  throws(() => runner.run(arithmetic.fail('no')), new RangeError('no'));
  throws(() => runner.run(parking.park(), { timeout: 1 }), TimeoutError);
  notEqual(runner.run(arithmetic.where()).runsOn, run(arithmetic.where()).runsOn);
});

test('a runner’s own timeout is for every call that names none', () => {
  using runner = new EventLoopThreadRunner({ timeout: 1 });
  throws(() => runner.run(parking.park()), TimeoutError);
  throws(() => runner.run(parking.park(), {}), TimeoutError);
  equal(runner.run(parking.soon('rested'), { timeout: AN_HOUR }), 'rested');
  equal(runner.run(parking.soon('rested'), { timeout: Infinity }), 'rested');
});

test('twenty thousand identity calls each return their own value', () => {
  for (let index = 0; index < 20_000; index++) {
    const result = run(arithmetic.echo(index));
    if (result !== index) throw new Error(`call ${index} returned ${String(result)}`);
  }
});

test('calls of changing sizes each return their own value', () => {
  for (let index = 0; index < 300; index++) {
    const text = String(index).padEnd((index * 7919) % 40_000, '·');
    equal(run(arithmetic.echo(text)), text);
  }
});

test('in the middle of a run the caller’s own timers do not turn', () => {
  let turned = 0;
  const timer = setInterval(() => (turned += 1), 1);
  run(parking.soon(1));
  run(parking.soon(2));
  equal(turned, 0);
  clearInterval(timer);
  shutdownGlobalRunner();
});
