import { test } from 'node:test';
import { equal, ok, throws } from 'node:assert/strict';
import { coroutine, coroutines, isRunnerAlive, run, sync } from 'palitra';
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
  throws(() => (sync(ordinary) as unknown as () => number)(), {
    name: 'TypeError',
    message: /sync\(coroutine\(fn\)\)/,
  });
});
