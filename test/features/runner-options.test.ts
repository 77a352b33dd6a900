import { test } from 'node:test';
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  TimeoutError,
  type RunnerOptions,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';
import { isDeno } from '../support/runtime.ts';

checkLeaks();

const AN_HOUR = 3_600_000;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const shutdown = coroutines<typeof import('../fixtures/shutdown.ts')>(
  '../fixtures/shutdown.js',
  import.meta,
);
const readEnv = coroutine(async (name: string) => process.env[name]);
const setEnv = coroutine(async (name: string, value: string) => {
  process.env[name] = value;
});
const readExecArgv = coroutine(async () => process.execArgv);
const readLimits = coroutine(async () => (await import('node:worker_threads')).resourceLimits);

test('the name is in the messages about the loop thread', () => {
  using runner = new EventLoopThreadRunner({ name: 'db' });
  throws(() => runner.run(parking.exit(3)), {
    code: 'ERR_PALITRA_LOOP_DIED',
    exitCode: 3,
    message: /The loop thread "db" ended with exit code 3/,
  });
});

test('the environment variables are shared with this thread', () => {
  using runner = new EventLoopThreadRunner();
  runner.run(setEnv('PALITRA_TEST_SHARED', 'from the loop'));
  equal(process.env['PALITRA_TEST_SHARED'], 'from the loop');
  process.env['PALITRA_TEST_SHARED'] = 'from here';
  equal(runner.run(readEnv('PALITRA_TEST_SHARED')), 'from here');
  delete process.env['PALITRA_TEST_SHARED'];
});

test('env gives the loop thread variables of its own', () => {
  using runner = new EventLoopThreadRunner({ env: { PALITRA_TEST_OWN: 'own' } });
  equal(runner.run(readEnv('PALITRA_TEST_OWN')), 'own');
  equal(runner.run(readEnv('PATH')), undefined);
  equal(process.env['PALITRA_TEST_OWN'], undefined);
});

test('execArgv gives the loop thread Node options of its own', () => {
  const execArgv = ['--conditions=palitra-test'];
  using runner = new EventLoopThreadRunner({ execArgv });
  deepEqual(runner.run(readExecArgv()), execArgv);
  using other = new EventLoopThreadRunner();
  deepEqual(other.run(readExecArgv()), process.execArgv);
});

test('resourceLimits limit the memory of the loop thread', () => {
  using runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 64 } });
  equal(runner.run(readLimits()).maxOldGenerationSizeMb, 64);
});

test('a loop thread that runs into its limits is replaced with the next call', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutine, coroutines, EventLoopThreadRunner, LoopThreadError } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const fill = coroutine(async () => {
      const all = [];
      for (;;) all.push(new Array(10_000).fill(all.length));
    });
    const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 16 } });
    console.log(runner.run(arithmetic.count()));
    try { runner.run(fill()); } catch (error) { console.log(error instanceof LoopThreadError); }
    console.log(runner.run(arithmetic.count()));
    try { await runner.createTask(fill()); } catch (error) { console.log(error.code, error.cause?.code); }
    console.log(runner.run(arithmetic.count()));
    runner.close();`);
  deepEqual(
    { code, stdout, isHung },
    {
      code: 0,
      // Deno's worker lives on: it is palitra that ends it.
      stdout: `1\ntrue\n1\nERR_PALITRA_LOOP_DIED ${isDeno ? 'undefined' : 'ERR_WORKER_OUT_OF_MEMORY'}\n1\n`,
      isHung: false,
    },
  );
});

test('waitStrategy sleep carries every kind of call', async () => {
  using runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
  const callBack = coroutine(async (callback: (n: number) => number) => callback(1));
  for (let index = 0; index < 500; index++) equal(runner.run(arithmetic.echo(index)), index);
  deepEqual(runner.gather(parking.soon(1), arithmetic.echo(2)), [1, 2]);
  equal(await runner.createTask(parking.soon(3)), 3);
  equal(runner.run(callBack((n) => n + runner.run(arithmetic.add(1, 2)))), 4);
  throws(() => runner.run(parking.park(), { timeout: 1 }), TimeoutError);
});

test('the runner’s timeout holds for run, gather and createTask, unless they name one', async () => {
  using runner = new EventLoopThreadRunner({ timeout: 1 });
  throws(() => runner.run(parking.park()), TimeoutError);
  throws(() => runner.gather(parking.park(), parking.park()), TimeoutError);
  throws(() => runner.gather([parking.park()], { returnExceptions: true }), TimeoutError);
  await rejects(async () => await runner.createTask(parking.park()), TimeoutError);
  await rejects(async () => await runner.getLoop().createTask(parking.park()), TimeoutError);
  deepEqual(runner.gather([parking.soon(1)], { timeout: AN_HOUR }), [1]);
  equal(await runner.createTask(parking.soon(1), { timeout: Infinity }), 1);
});

for (const shutdownTimeout of [1, 0.1]) {
  test(`a shutdownTimeout of ${shutdownTimeout} ms bounds close, against never`, () => {
    const runner = new EventLoopThreadRunner({ shutdownTimeout });
    runner.run(shutdown.hangAtEnd());
    runner.close();
    equal(runner.isAlive, false);
  });

  test(`a shutdownTimeout of ${shutdownTimeout} ms bounds await using, against never`, async () => {
    await using runner = new EventLoopThreadRunner({ shutdownTimeout });
    runner.run(shutdown.computeAtEnd());
  });
}

for (const shutdownTimeout of [AN_HOUR, 2 ** 31, 2 ** 40, Infinity]) {
  test(`a shutdownTimeout of ${shutdownTimeout} ms leaves time for the clean-up`, async () => {
    for (const end of [Symbol.dispose, Symbol.asyncDispose] as const) {
      const marks = createFlags(8);
      const runner = new EventLoopThreadRunner({ shutdownTimeout });
      runner.run(shutdown.markAtEnd(marks, 1));
      runner.createTask(shutdown.markWhenAborted(marks, 2));
      awaitFlag(marks, 7);
      await runner[end]();
      deepEqual([...marks].slice(0, 3), [2, 2, 1]);
    }
  });
}

test('a coroutine that takes its signal and ignores it leaves time for the clean-up', () => {
  const marks = createFlags(8);
  const runner = new EventLoopThreadRunner({ shutdownTimeout: 600 });
  runner.run(shutdown.markAtEnd(marks, 1));
  runner.createTask(shutdown.ignoreAbort(marks));
  awaitFlag(marks, 7);
  runner.close();
  deepEqual([...marks].slice(0, 2), [1, 1]);
});

const refused: [options: unknown, error: typeof TypeError | typeof RangeError, message: RegExp][] =
  [
    [null, TypeError, /are an object, such as \{ name: 'db' \}/],
    ['db', TypeError, /are an object/],
    [{ name: 7 }, TypeError, /name is a string, such as 'db'/],
    [{ timeout: 0 }, RangeError, /timeout is a number of milliseconds above zero, not 0/],
    [{ timeout: -1 }, RangeError, /not -1\. Leave it out, or give Infinity/],
    [{ timeout: NaN }, RangeError, /not NaN/],
    [{ timeout: '5' }, TypeError, /timeout is a number of milliseconds, .*not a string/],
    [{ timeout: null }, TypeError, /not null/],
    [{ shutdownTimeout: 0 }, RangeError, /shutdownTimeout is a number of milliseconds above zero/],
    [{ shutdownTimeout: '5' }, TypeError, /shutdownTimeout is .*not a string/],
    [{ blockedThreshold: -5 }, RangeError, /blockedThreshold is .*not -5/],
    [{ onBlocked: true }, TypeError, /onBlocked is a function, such as/],
    [{ onUnhandledError: {} }, TypeError, /onUnhandledError is a function, such as/],
    [{ waitStrategy: 'spin' }, TypeError, /waitStrategy is 'adaptive' or 'sleep', not spin/],
    [{ neverSettled: false }, TypeError, /neverSettled is 'error' or 'wait', not false/],
    [{ execArgv: '--no-warnings' }, TypeError, /execArgv is an array of strings, such as/],
    [{ execArgv: [7] }, TypeError, /execArgv is an array of strings, such as/],
    [{ resourceLimits: 64 }, TypeError, /resourceLimits is an object, such as/],
    [{ resourceLimits: null }, TypeError, /resourceLimits is an object, such as/],
  ];

for (const [options, error, message] of refused) {
  test(`the options ${JSON.stringify(options)} are refused at construction, with what to write`, () => {
    throws(
      () => new EventLoopThreadRunner(options as RunnerOptions),
      (thrown: unknown) => {
        ok(thrown instanceof error);
        match(thrown.message, message);
        return true;
      },
    );
  });
}

test('options that are undefined are as if left out', () => {
  const options: Record<keyof RunnerOptions, undefined> = {
    name: undefined,
    shutdownTimeout: undefined,
    timeout: undefined,
    resourceLimits: undefined,
    env: undefined,
    execArgv: undefined,
    waitStrategy: undefined,
    neverSettled: undefined,
    blockedThreshold: undefined,
    onBlocked: undefined,
    onUnhandledError: undefined,
    stdio: undefined,
    workerUrl: undefined,
  };
  using runner = new EventLoopThreadRunner(options as unknown as RunnerOptions);
  equal(runner.run(arithmetic.add(1, 2)), 3);
});
