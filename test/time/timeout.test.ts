import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import {
  coroutines,
  createTask,
  type Coroutine,
  EventLoopThreadRunner,
  LoopThreadError,
  run,
  TimeoutError,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const AN_HOUR = 3_600_000;
const STARTED = 0;
const CLEANED = 2;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const busy = coroutines<typeof import('../fixtures/busy.ts')>('../fixtures/busy.js', import.meta);

type Wait = (
  runner: EventLoopThreadRunner,
  coroutine: Coroutine<unknown>,
  options?: { timeout: number },
) => unknown;

/** Every way to wait for a coroutine. */
const waits: Record<string, Wait> = {
  run: (runner, coroutine, options) => runner.run(coroutine, options),
  gather: (runner, coroutine, options) => runner.gather([coroutine], options)[0],
  start: (runner, coroutine, options) => runner.start(coroutine, options).value,
  iterate: (runner, coroutine, options) =>
    runner.iterate(coroutine as Coroutine<string[]>, options).next().value,
  'task.result()': (runner, coroutine, options) => runner.createTask(coroutine, options).result(),
};

for (const [name, wait] of Object.entries(waits)) {
  test(`the runner's timeout is for every ${name} that names none, and one of its own comes first`, () => {
    using impatient = new EventLoopThreadRunner({ timeout: 1 });
    throws(() => wait(impatient, parking.park()), TimeoutError);
    using patient = new EventLoopThreadRunner({ timeout: AN_HOUR });
    throws(() => wait(patient, parking.park(), { timeout: 1 }), TimeoutError);
  });

  test(`${name} refuses a timeout that is not above zero, or no number, and nothing starts`, () => {
    using runner = new EventLoopThreadRunner();
    for (const timeout of [0, -0, -1, NaN, -Infinity])
      throws(() => wait(runner, arithmetic.count(), { timeout }), RangeError);
    for (const value of ['5', null, 5n, true, {}, new Date(5)]) {
      const timeout = value as unknown as number;
      throws(() => wait(runner, arithmetic.count(), { timeout }), {
        name: 'TypeError',
        message: /timeout is a number of milliseconds, such as 2_000/,
      });
    }
    equal(runner.run(arithmetic.countSoFar()), 0);
  });
}

for (const timeout of [0, -1, NaN]) {
  test(`a timeout of ${timeout} is a RangeError of a runner, and of task.result()`, () => {
    throws(() => new EventLoopThreadRunner({ timeout }), RangeError);
    const task = createTask(parking.soon('rested'));
    throws(() => task.result({ timeout }), RangeError);
    equal(task.result(), 'rested');
  });
}

test('the message says how long the coroutine ran, also when a callback made it longer', () => {
  const nap = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
  run(parking.soon(0));
  throws(
    () => run(parking.callThenPark(nap), { timeout: 1_000 }),
    ({ message }: Error) => {
      const [, timeout, ranMs] =
        /had not ended after (\d+) ms; it has run for (\d+) ms/.exec(message) ?? [];
      equal(timeout, '1000');
      ok(Number(ranMs) >= 1_100, message);
      return true;
    },
  );
});

test('the message says that the loop thread responds, when the coroutine just waits', () => {
  run(parking.soon(0));
  throws(() => run(parking.park(), { timeout: 200 }), {
    name: 'TimeoutError',
    message: /The loop thread is responding: the coroutine waits for something/,
  });
});

for (const compute of ['computeFor', 'computeLater'] as const) {
  test(`the message says that the loop thread does not respond, in ${compute}`, () => {
    using runner = new EventLoopThreadRunner();
    runner.run(busy.computeFor(0));
    throws(() => runner.run(busy[compute](1_000), { timeout: 100 }), {
      name: 'TimeoutError',
      message: /The loop thread is not responding: the coroutine, or another one, computes/,
    });
  });
}

test('the message says so when the loop thread has not even begun', () => {
  using runner = new EventLoopThreadRunner({
    workerUrl: 'data:text/javascript,for(;;);',
    shutdownTimeout: 1,
  });
  throws(() => runner.run(arithmetic.add(1, 2), { timeout: 1 }), {
    name: 'TimeoutError',
    message: /The loop thread has not begun yet/,
  });
});

test('when the loop thread is replaced, the tasks on it fail with LoopThreadError', async (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => undefined);
  const flags = createFlags();
  const tasks = [createTask(parking.park(flags)), createTask(parking.park(flags))];
  awaitFlag(flags, STARTED, 2);
  run(busy.computeFor(0));
  throws(() => run(busy.computeFor(60_000), { timeout: 100 }), TimeoutError);
  deepEqual(
    tasks.map((task) => task.done),
    [false, false],
  );
  equal(run(arithmetic.add(1, 2)), 3);
  const isReplaced = (error: unknown): boolean =>
    error instanceof LoopThreadError && error.message.includes('was replaced');
  throws(() => tasks[0]!.result(), isReplaced);
  ok(isReplaced(await tasks[1]!.then(undefined, (error: unknown) => error)));
  equal(warnings.mock.callCount(), 1);
  const [text, options] = warnings.mock.calls[0]!.arguments as [string, { code: string }];
  match(text, /did not respond after "\S*busy\.js#computeFor" was aborted/);
  equal(options.code, 'PALITRA_LOOP_REPLACED');
});

test('an abortion that was acknowledged does not hide a later one that is not', (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => undefined);
  const flags = createFlags();
  const parked = createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  parked.cancel();
  awaitFlag(flags, CLEANED);
  const others = createFlags();
  const computing = createTask(parking.compute(others));
  awaitFlag(others, STARTED);
  computing.cancel();
  equal(run(arithmetic.add(1, 2)), 3);
  equal(warnings.mock.callCount(), 1);
});

test('thousands of late replies are dropped, and every call gets its own', async () => {
  const { code, stdout, stderr, isHung } = await runScript(
    `
    import { coroutines, createTask, gather, run } from 'palitra';
    const busy = coroutines('./busy.js', import.meta);
    let seed = 20_011;
    const random = (below) => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
    const counts = { values: 0, timeouts: 0 };
    const attempt = (expected, wait) => {
      try {
        const value = wait();
        if (String(value) !== String(expected)) throw new Error(\`\${value} instead of \${expected}\`);
        counts.values += 1;
      } catch (error) {
        if (error.code !== 'ERR_PALITRA_TIMEOUT') throw error;
        counts.timeouts += 1;
      }
    };
    run(busy.sleepFor(0, 0));
    for (let index = 0; index < 400; index++) {
      const timeout = 1 + random(3);
      const call = (value) => busy.sleepFor(random(5), value);
      attempt(index, () => run(call(index), { timeout }));
      attempt([index, -index], () => gather([call(index), call(-index)], { timeout }));
      const task = createTask(call(index), { timeout });
      attempt(index, () => task.result());
      attempt(index, () => run(busy.sleepFor(0, index)));
    }
    console.log(counts.values > 400, counts.timeouts > 40, counts.values + counts.timeouts);`,
  );
  deepEqual(
    { code, stdout, stderr, isHung },
    { code: 0, stdout: 'true true 1600\n', stderr: '', isHung: false },
  );
});
