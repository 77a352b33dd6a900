import { test } from 'node:test';
import { equal, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  isRunnerAlive,
  run,
  shutdownGlobalRunner,
  sync,
  TimeoutError,
} from 'palitra';
import { inspect } from 'node:util';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const arithmetic = sync(
  coroutines<typeof import('../fixtures/arithmetic.ts')>('../fixtures/arithmetic.js', import.meta),
);
const namespaces = sync(
  coroutines<typeof import('../fixtures/namespaces.ts')>('../fixtures/namespaces.js', import.meta),
);

test('a function of a module blocks and returns its result', () => {
  equal(arithmetic.add(1, 2), 3);
  equal(arithmetic.addAtOnce(1, 2), 3);
});

test('a default export and nested namespaces are plain functions too', () => {
  equal(arithmetic.default(3, 2), 1);
  equal(namespaces.default.greet('Ada'), 'Hello, Ada');
  equal(namespaces.users.find(1), 'Grace');
  equal(namespaces.users.groups.admins.first(), 'Ada');
  equal(namespaces.users.name(), 'name');
});

test('a class is constructed, and what is returned is a handle', () => {
  const session = new namespaces.Session('http://host');
  equal(run(session.get('/path')), 'http://host/path');
  equal(namespaces.Session.open('db'), 'opened db');
});

test('a function written in place becomes a plain function', () => {
  const double = sync(coroutine(async (n: number) => 2 * n));
  equal(double(21), 42);
});

test('the state of the module is the one that coroutines see', () => {
  const api = coroutines<typeof import('../fixtures/arithmetic.ts')>(
    '../fixtures/arithmetic.js',
    import.meta,
  );
  equal(arithmetic.count(), 1);
  equal(run(api.count()), 2);
  equal(arithmetic.count(), 3);
});

test('it throws what the function throws', () => {
  throws(() => arithmetic.fail('no'), new RangeError('no'));
  throws(() => arithmetic.failAtOnce('no'), new RangeError('no'));
});

test('it can be used where a synchronous function is wanted', () => {
  equal(
    'a1b2'.replace(/\d/g, (digit) => String(arithmetic.double(Number(digit)))),
    'a2b4',
  );
});

test('making it runs nothing, and its members stay the same', () => {
  equal(isRunnerAlive(), false);
  equal(arithmetic.add, arithmetic.add);
  ok(!('then' in (arithmetic as object)));
});

test('what is neither a namespace nor a coroutine function is a TypeError that shows the call', () => {
  throws(() => sync(42 as unknown as object), {
    name: 'TypeError',
    message: /sync\(coroutines\('\.\/api\.js', import\.meta\)\)/,
  });
  throws(() => sync(null as unknown as object), { name: 'TypeError', message: /not null/ });
});

test('an ordinary async function is a TypeError that says to write sync(coroutine(fn))', () => {
  const ordinary = async (): Promise<number> => 1;
  throws(() => sync(ordinary), {
    name: 'TypeError',
    message: /sync\(coroutine\(fn\)\)/,
  });
});

test('what makes no coroutines is a TypeError at once', () => {
  const api = coroutines<typeof import('../fixtures/arithmetic.ts')>(
    '../fixtures/arithmetic.js',
    import.meta,
  );
  const wrong: [value: unknown, message: RegExp][] = [
    [{}, /not an object/],
    [{ add: api.add }, /not an object/],
    [[], /not an object/],
    [Promise.resolve(1), /not an object/],
    [
      api.add(1, 2),
      /not coroutine arithmetic\.js#add, which has its arguments already: write run\(…\)/,
    ],
    [undefined, /not undefined/],
    ['./api.js', /not string/],
    [sync(api), /not an object/],
    [sync(api).add, /not a function/],
  ];
  for (const [value, message] of wrong) {
    throws(() => sync(value as object), { name: 'TypeError', message });
    using runner = new EventLoopThreadRunner();
    throws(() => runner.sync(value as object), { name: 'TypeError', message });
  }
});

test('a timeout holds for each of its calls, at any depth and for functions written in place', () => {
  const parking = sync(
    coroutines<typeof import('../fixtures/parking.ts')>('../fixtures/parking.js', import.meta),
    { timeout: 100 },
  );
  throws(() => parking.park(), TimeoutError);
  throws(() => parking.park(), TimeoutError);
  const park = sync(
    coroutine(() => new Promise<void>((resolve) => setTimeout(resolve, 3_600_000))),
    { timeout: 100 },
  );
  throws(() => park(), TimeoutError);
  const users = sync(
    coroutines<typeof import('../fixtures/namespaces.ts')>(
      '../fixtures/namespaces.js',
      import.meta,
    ),
    { timeout: 60_000 },
  );
  equal(users.users.find(1), 'Grace');
});

test('a signal ends each of its calls', () => {
  const controller = new AbortController();
  const call = sync(
    coroutine(async (callback: () => Promise<void>) => {
      await callback();
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    }),
    { signal: controller.signal },
  );
  const isReason = (thrown: unknown): boolean => thrown === 'enough';
  throws(() => call(() => controller.abort('enough')), isReason);
  throws(() => call(() => undefined), isReason);
});

test('options that are wrong are errors before anything is called', () => {
  const api = coroutine(async () => 1);
  throws(() => sync(api, { timeout: 0 }), RangeError);
  throws(() => sync(api, { signal: {} as AbortSignal }), TypeError);
  throws(() => sync(api, { timeOut: 5 } as object), {
    name: 'TypeError',
    message:
      'sync() has no option timeOut: did you mean timeout? Its options are timeout, signal, values.',
  });
  throws(() => sync(api, { value: true } as object), { message: /did you mean values\?/ });
});

test('sync() of a runner calls on that runner, with its limits where none are given', () => {
  const where = coroutine(async () => (await import('node:worker_threads')).threadId);
  using runner = new EventLoopThreadRunner({ timeout: 200 });
  equal(runner.sync(where, { timeout: 60_000 })(), runner.getLoop().threadId);
  const park = coroutine(() => new Promise<void>((resolve) => setTimeout(resolve, 3_600_000)));
  throws(() => runner.sync(park)(), TimeoutError);
  throws(() => runner.sync(park, { timeout: 50 })(), { message: /after 50 ms/ });
  runner.close();
  throws(() => runner.sync(where)(), { code: 'ERR_PALITRA_CLOSED' });
});

test('the functions use the global runner of the moment', () => {
  equal(arithmetic.add(1, 2), 3);
  shutdownGlobalRunner();
  equal(arithmetic.add(1, 2), 3);
});

test('the methods of a handle become plain functions as well', () => {
  const session = new namespaces.Session('http://host');
  equal(sync(session).get('/path'), 'http://host/path');
});

test('they are readable in a console', () => {
  equal(inspect(arithmetic), '[synchronous functions of arithmetic.js]');
  equal(inspect(arithmetic.add), '[synchronous function arithmetic.js#add]');
  equal(inspect(sync(coroutine(async function load() {}))), '[synchronous function load]');
});
