import { test } from 'node:test';
import { deepEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  configureGlobalRunner,
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  isPalitraError,
  isRunnerAlive,
  LoopThreadError,
  run,
  shutdownGlobalRunner,
  TimeoutError,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { checkLeaks, takeCensus } from '../support/leaks.ts';
import { createProject } from '../support/project.ts';

checkLeaks();

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const globals = globalThis as { [key: symbol]: unknown };
const key = Symbol.for('palitra.globalRunner');

test('nothing is alive before the first call, and making coroutines starts nothing', () => {
  const { workers } = takeCensus();
  String(arithmetic.add(1, 2));
  equal(isRunnerAlive(), false);
  equal(takeCensus().workers, workers);
});

test('the first call starts the global runner, and the next ones use it', async () => {
  const { runsOn } = run(arithmetic.where());
  equal(isRunnerAlive(), true);
  deepEqual(
    [...gather(arithmetic.where(), arithmetic.where()), await createTask(arithmetic.where())].map(
      (place) => place.runsOn,
    ),
    [runsOn, runsOn, runsOn],
  );
});

test('twenty functions of five modules share one loop thread and their modules’ state', async () => {
  const source = (name: string): string => `
    import { threadId } from 'node:worker_threads';
    let calls = 0;
    ${['one', 'two', 'three', 'four'].map((fn) => `export async function ${fn}() { return { at: '${name}.${fn}', threadId, calls: ++calls }; }`).join('\n')}`;
  const names = ['a', 'b', 'c', 'd', 'e'];
  const project = await createProject(
    Object.fromEntries(names.map((name) => [`${name}.mjs`, source(name)])),
  );
  type Visit = Promise<{ at: string; threadId: number; calls: number }>;
  type Module = Record<'one' | 'two' | 'three' | 'four', () => Visit>;
  try {
    const modules = names.map((name) => coroutines<Module>(project.url(`${name}.mjs`)));
    const visits = modules.flatMap((api) => [
      run(api.one()),
      run(api.two()),
      run(api.three()),
      run(api.four()),
    ]);
    const at = names.flatMap((name) =>
      ['one', 'two', 'three', 'four'].map((fn) => `${name}.${fn}`),
    );
    deepEqual(
      visits.map((visit) => visit.at),
      at,
    );
    deepEqual(
      visits.map((visit) => visit.calls),
      at.map((_, index) => (index % 4) + 1),
    );
    equal(new Set(visits.map((visit) => visit.threadId)).size, 1);
    equal(visits[0]!.threadId, run(arithmetic.where()).runsOn);
  } finally {
    await project.remove();
  }
});

test('shutdownGlobalRunner closes it, and the next call starts a new one', () => {
  const { runsOn } = run(arithmetic.where());
  equal(run(arithmetic.count()), 1);
  shutdownGlobalRunner();
  equal(isRunnerAlive(), false);
  equal(run(arithmetic.count()), 1);
  notEqual(run(arithmetic.where()).runsOn, runsOn);
  equal(isRunnerAlive(), true);
});

test('shutdownGlobalRunner does nothing where there is none, or a second time', () => {
  shutdownGlobalRunner();
  run(arithmetic.add(1, 2));
  shutdownGlobalRunner();
  shutdownGlobalRunner();
  equal(isRunnerAlive(), false);
});

test('twenty shutdowns leave nothing behind', () => {
  for (let index = 0; index < 20; index++) {
    equal(run(arithmetic.count()), 1);
    shutdownGlobalRunner();
  }
});

test('coroutines made before a shutdown can be run after it', () => {
  const sum = arithmetic.add(1, 2);
  equal(run(sum), 3);
  shutdownGlobalRunner();
  equal(run(sum), 3);
});

test('process.exit on the loop thread is a LoopThreadError, and the next call starts a new thread', () => {
  equal(run(arithmetic.count()), 1);
  throws(
    () => run(parking.exit(7)),
    (error: unknown) => {
      ok(error instanceof LoopThreadError);
      equal(error.exitCode, 7);
      return true;
    },
  );
  equal(isRunnerAlive(), false);
  equal(run(arithmetic.count()), 1);
  equal(isRunnerAlive(), true);
});

test('a global runner whose thread died between two calls is replaced without an error', () => {
  equal(run(arithmetic.count()), 1);
  const exitLater = coroutine(async () => {
    setImmediate(() => process.exit(0));
  });
  run(exitLater());
  while (isRunnerAlive());
  equal(run(arithmetic.count()), 1);
});

test('it heals as often as it dies', () => {
  for (let index = 0; index < 10; index++) {
    equal(run(arithmetic.count()), 1);
    throws(() => run(parking.exit(index)), LoopThreadError);
  }
});

test('it heals after the thread was terminated by an error that ends it without a word', async () => {
  const { code, stdout, stderr, isHung } = await runScript(
    `
    import { coroutine, coroutines, isRunnerAlive, LoopThreadError, run } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const fill = coroutine(async () => {
      const all = [];
      for (;;) all.push(new Array(10_000).fill(all.length));
    });
    console.log(run(arithmetic.count()));
    try { run(fill()); } catch (error) { console.log(error instanceof LoopThreadError, error.exitCode); }
    console.log(isRunnerAlive());
    console.log(run(arithmetic.count()), isRunnerAlive());`,
    { nodeArgs: ['--max-old-space-size=64'] },
  );
  deepEqual(
    { code, stdout, stderr, isHung },
    { code: 0, stdout: '1\ntrue undefined\nfalse\n1 true\n', stderr: '', isHung: false },
  );
});

test('the process ends by itself, with the global runner still open', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, run } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    console.log(run(arithmetic.add(1, 2)));`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: '3\n', isHung: false });
});

test('the process ends by itself, though timers and servers go on on the loop thread', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutine, EventLoopThreadRunner, run } from 'palitra';
    const keepBusy = coroutine(async () => {
      const { createServer } = await import('node:net');
      setInterval(() => undefined, 1);
      await new Promise((resolve) => createServer().listen(0, '127.0.0.1', resolve));
    });
    const runner = new EventLoopThreadRunner();
    run(keepBusy());
    runner.run(keepBusy());
    console.log('end');`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: 'end\n', isHung: false });
});

test('the global runner is where every copy of the package looks for it', () => {
  run(arithmetic.add(1, 2));
  ok(globals[key] instanceof EventLoopThreadRunner);
  equal(globals[key].isAlive, true);
});

test('two copies of the package share the global runner, its thread and their errors', async () => {
  const entry = fileURLToPath(import.meta.resolve('palitra'));
  const project = await createProject({ 'package.json': { type: 'module' } });
  try {
    await mkdir(project.path('copy'));
    await cp(dirname(entry), project.path('copy/dist'), { recursive: true });
    const copy = (await import(project.url('copy/dist/index.js').href)) as typeof import('palitra');
    notEqual(copy.run, run);
    const { workers } = takeCensus();

    equal(run(arithmetic.count()), 1);
    equal(copy.run(arithmetic.count()), 2);
    const file = fileURLToPath(new URL('../fixtures/arithmetic.js', import.meta.url));
    const theirs = copy.coroutines<typeof import('../fixtures/arithmetic.ts')>(file);
    equal(copy.run(theirs.count()), 3);
    equal(run(theirs.count()), 4);
    deepEqual(gather(theirs.count(), arithmetic.count()), [5, 6]);
    equal(await copy.createTask(theirs.count()), 7);
    equal(takeCensus().workers, workers + 1);

    using runner = new copy.EventLoopThreadRunner({ timeout: 1 });
    for (const timeOut of [
      () => run(parking.park(), { timeout: 1 }),
      () => runner.run(parking.park()),
    ]) {
      throws(timeOut, (error) => error instanceof TimeoutError && isPalitraError(error));
      throws(timeOut, (error) => error instanceof copy.TimeoutError && copy.isPalitraError(error));
    }

    equal(copy.isRunnerAlive(), true);
    copy.shutdownGlobalRunner();
    deepEqual([isRunnerAlive(), copy.isRunnerAlive()], [false, false]);
    equal(copy.run(theirs.count()), 1);
    equal(run(arithmetic.count()), 2);
  } finally {
    await project.remove();
  }
});

test('configureGlobalRunner gives the global runner the options of a runner, before its first use', async () => {
  const { stdout, stderr, code } = await runScript(`
    import { configureGlobalRunner, coroutine, coroutines, run, gather, shutdownGlobalRunner, isRunnerAlive, sync } from 'palitra';
    configureGlobalRunner({ name: 'not this one' });
    configureGlobalRunner({ name: 'loader', timeout: 200, execArgv: ['--conditions=palitra-test'] });
    console.log(isRunnerAlive());
    const argv = coroutine(async () => process.execArgv.join());
    console.log(run(argv(), { timeout: 60_000 }));
    const park = coroutine(() => new Promise((resolve) => setTimeout(resolve, 3_600_000)));
    const fails = (call) => { try { return call(); } catch (error) { return error.name + ': ' + error.message; } };
    console.log(fails(() => run(park())));
    console.log(fails(() => sync(park)()));
    console.log(fails(() => configureGlobalRunner({ name: 'late' })));
    shutdownGlobalRunner();
    console.log(run(argv(), { timeout: 60_000 }));
    shutdownGlobalRunner();
    configureGlobalRunner({});
    console.log(run(argv()) === process.execArgv.join());
  `);
  equal(stderr, '');
  equal(code, 0);
  const lines = stdout.trim().split('\n');
  equal(lines[0], 'false');
  equal(lines[1], '--conditions=palitra-test');
  ok(lines[2]!.startsWith('TimeoutError: (inline) had not ended after 200 ms'), lines[2]);
  ok(lines[3]!.startsWith('TimeoutError: '), lines[3]);
  ok(/^Error: .*shutdownGlobalRunner\(\)/.test(lines[4]!), lines[4]);
  deepEqual(lines.slice(5), ['--conditions=palitra-test', 'true']);
});

test('configureGlobalRunner checks the options at once', () => {
  throws(() => configureGlobalRunner({ timeuot: 5 } as object), {
    name: 'TypeError',
    message: /configureGlobalRunner\(\) has no option timeuot: did you mean timeout\?/,
  });
  throws(() => configureGlobalRunner({ timeout: -1 }), RangeError);
});

test('a call that was refused is no use of the global runner', () => {
  shutdownGlobalRunner();
  throws(() => run(5 as never), TypeError);
  configureGlobalRunner({ name: 'after all' });
  equal(run(arithmetic.add(1, 2)), 3);
  shutdownGlobalRunner();
  configureGlobalRunner({});
});
