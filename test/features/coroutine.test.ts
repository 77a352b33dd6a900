import { test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { Coroutine, coroutine, coroutines, gather, run } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const api = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);

test('a coroutine may be run more than once, and each run is a new call', () => {
  const count = api.count();
  deepEqual([run(count), run(count), ...gather(count, count)], [1, 2, 3, 4]);
});

test('it is not thenable: awaiting it gives the coroutine', async () => {
  const coroutine = api.add(1, 2);
  ok(!('then' in coroutine));
  equal(await (coroutine as unknown as Promise<unknown>), coroutine);
});

test('what it calls, and with what, cannot be changed', () => {
  const sum = api.add(1, 2);
  deepEqual(Reflect.ownKeys(sum), []);
  for (const key of ['args', 'arguments', 'target', 'call']) Object.assign(sum, { [key]: [40, 2] });
  equal(run(sum), 3);
});

test('all coroutines are instances of Coroutine, and say what they call', () => {
  const inline = coroutine(async function greet() {})();
  for (const each of [api.add(1, 2), api.default(1, 2), inline]) {
    ok(each instanceof Coroutine);
    equal(Object.prototype.toString.call(each), '[object Coroutine]');
  }
  equal(`${api.add(1, 2)}`, 'coroutine arithmetic.js#add');
  equal(`${inline}`, 'coroutine greet');
});

test('one that is never run costs nothing but itself', () => {
  for (let index = 0; index < 100_000; index++) api.add(index, index);
  equal(run(api.countSoFar()), 0);
});
