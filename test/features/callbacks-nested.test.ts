import { test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  iterate,
  run,
  start,
  TimeoutError,
  type Task,
} from 'palitra';
import { createFlags, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const CLEANED = 2;

const api = coroutines<typeof import('../fixtures/callbacks.ts')>(
  '../fixtures/callbacks.js',
  import.meta,
);
const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);

test('a callback may call run', () => {
  equal(run(api.each(10, (n) => run(arithmetic.add(n, 1)))), 55);
});

test('ten levels deep, each level gets its own result', () => {
  let deepest = '';
  const descend = (depth: number): unknown[] => {
    if (depth === 10) deepest = new Error('here').stack!;
    const below = (): unknown => (depth === 10 ? 'the bottom' : descend(depth + 1));
    return [depth, run(api.call(below, [], depth % 3)), run(arithmetic.add(depth, 1))];
  };
  Error.stackTraceLimit = 500;
  let expected: unknown = 'the bottom';
  for (let depth = 10; depth >= 1; depth--) expected = [depth, expected, depth + 1];
  deepEqual(descend(1), expected);
  Error.stackTraceLimit = 10;
  equal(deepest.match(/at descend /g)!.length, 10);
});

test('an error from the tenth level passes through all of them as itself', () => {
  let passed = 0;
  const descend = (depth: number): unknown => {
    if (depth === 11) throw Object.assign(new RangeError('from the bottom'), { depth });
    try {
      return run(api.call(() => descend(depth + 1)));
    } finally {
      passed += 1;
    }
  };
  throws(() => descend(1), { name: 'RangeError', message: 'from the bottom', depth: 11 });
  equal(passed, 10);
});

test('an error that a level catches goes no further', () => {
  const guarded = (): unknown => {
    try {
      return run(arithmetic.fail('inside'));
    } catch (error) {
      return (error as Error).message;
    }
  };
  equal(run(api.call(guarded)), 'inside');
});

test('a callback may gather, with callbacks of its own', () => {
  const inner = (n: number): unknown => gather([1, 2, 3].map((m) => api.call(() => n * m, [], m)));
  deepEqual(gather([1, 10].map((n) => api.call(() => inner(n)))), [
    [1, 2, 3],
    [10, 20, 30],
  ]);
});

test('a callback may iterate', () => {
  const numbers = coroutine(async function* numbers(count: number) {
    for (let n = 0; n < count; n++) yield n;
  });
  deepEqual(run(api.call(() => [...iterate(numbers(200))].length)), 200);
});

test('a callback may start a coroutine that goes on', () => {
  const serve = coroutine(async (callback: () => Promise<number>) => {
    const { started } = await import('palitra/loop');
    started(await callback());
    return callback();
  });
  let calls = 0;
  let task: Task<number> | undefined;
  const value = run(
    api.call(() => {
      const { value: ready, task: server } = start(serve(() => (calls += 1)));
      task = server;
      return ready;
    }),
  );
  equal(value, 1);
  equal(task!.result(), 2);
});

test('a task that a callback creates can be blocked for inside and outside it', async () => {
  const tasks: Task<unknown>[] = [];
  const create = (n: unknown): unknown => {
    tasks.push(createTask(api.call((m) => m, [n], 3)), createTask(arithmetic.add(n as number, 1)));
    return tasks.at(-1)!.result();
  };
  deepEqual(gather(api.call(create, [1]), api.call(create, [2])), [2, 3]);
  deepEqual(
    tasks.map((task) => Number(task.result())).sort((a, b) => a - b),
    [1, 2, 2, 3],
  );
});

test('callbacks may go from runner to runner and back', () => {
  using a = new EventLoopThreadRunner({ name: 'a' });
  using b = new EventLoopThreadRunner({ name: 'b' });
  const trace: string[] = [];
  const step = (name: string, below: () => unknown) => (): unknown => {
    trace.push(name);
    return below();
  };
  const result = a.run(
    api.call(
      step('a', () =>
        b.run(
          api.call(
            step('b', () => a.run(api.call(step('a again', () => b.run(arithmetic.add(1, 2)))))),
          ),
        ),
      ),
    ),
  );
  equal(result, 3);
  deepEqual(trace, ['a', 'b', 'a again']);
});

test('a timeout inside a callback is that call’s alone', () => {
  const flags = createFlags();
  const giveUp = (): string => {
    try {
      return run(parking.park(flags), { timeout: 1 });
    } catch (error) {
      return (error as Error).name;
    }
  };
  equal(run(api.call(giveUp), { timeout: 3_600_000 }), 'TimeoutError');
  run(arithmetic.add(1, 2));
});

test('a timeout that nobody in the callback catches reaches the coroutine, and run, as TimeoutError', () => {
  const caught = run(api.catchFrom(() => run(parking.park(), { timeout: 1 })))!;
  ok(caught.thrown instanceof TimeoutError);
  throws(() => run(api.call(() => run(parking.park(), { timeout: 1 }))), TimeoutError);
});

test('a call whose time is up while its callback runs ends when the callback does', () => {
  let ended = 0;
  const flags = createFlags();
  const slow = coroutine(async (callback: () => Promise<void>, shared: Int32Array) => {
    const { getSignal } = await import('palitra/loop');
    getSignal().addEventListener('abort', () => Atomics.add(shared, 2, 1));
    await callback();
    const { setTimeout } = await import('node:timers/promises');
    await setTimeout(3_600_000, undefined, { signal: getSignal() });
  });
  // However long it takes to get there, one of these timeouts is over only inside the callback.
  // oxlint-disable-next-line no-unmodified-loop-condition -- the callback modifies it
  for (let timeout = 2; ended === 0; timeout *= 2) {
    const deadline = performance.now() + timeout;
    const callback = (): void => {
      while (performance.now() < deadline) run(arithmetic.add(1, 2));
      ended += 1;
    };
    throws(() => run(slow(callback, flags), { timeout }), TimeoutError);
  }
  equal(ended, 1);
  run(arithmetic.add(1, 2));
  ok(level(flags, CLEANED) >= 1);
});

test('a gather that has failed lets the callback that is running end first', () => {
  const ended: string[] = [];
  const failing = api.call(() => {
    throw new Error('one');
  });
  const nested = api.call(() => {
    run(arithmetic.add(1, 2));
    return ended.push('two');
  });
  throws(() => gather(failing, nested), /one/);
  throws(() => gather(nested, failing), /one/);
  ok(ended.length <= 2);
  equal(run(arithmetic.add(1, 2)), 3);
});
