import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { format, inspect, isDeepStrictEqual } from 'node:util';
import { coroutine, coroutines, createTask, gather, get, isPalitraError, run } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const api = coroutines<typeof import('../fixtures/handles.ts')>(
  '../fixtures/handles.js',
  import.meta,
);
const TEXT = "[handle of a loop thread's object]";

const methods: [string, unknown][] = [
  ['toString', 'my toString'],
  ['inspect', 'my inspect'],
  ['valueOf', 7],
  ['call', 'my call'],
  ['apply', 'my apply'],
  ['hasOwnProperty', false],
  ['name', 'my name'],
  ['length', 42],
];
for (const [name, expected] of methods) {
  test(`a method of the object’s that is called ${name} is called as any other`, () => {
    const odd = run(api.openOdd()) as unknown as Record<string, () => never>;
    equal(run(odd[name]!()), expected);
  });
}

test('the constructor is no data, and get says so with the path', () => {
  throws(() => run(get(run(api.openOdd()), 'constructor' as never)), {
    name: 'UncloneableError',
    path: 'result',
  });
});

test('a handle is not thenable: awaiting it gives itself', async () => {
  const odd = run(api.openOdd());
  equal((odd as { then?: unknown }).then, undefined);
  equal(await (odd as unknown), odd);
  equal(await Promise.resolve(odd as unknown), odd);
  ok((await createTask(api.openOdd())) !== undefined);
});

test('inspect, console and format show what it is, and call nothing on the loop thread', () => {
  for (const handle of [run(api.openOdd()), run(api.open())]) {
    equal(inspect(handle), TEXT);
    equal(inspect({ handle }, { depth: 0 }), `{ handle: ${TEXT} }`);
    equal(format('%s and %d', handle, 1), `${TEXT} and 1`);
    equal(format(handle), TEXT);
    ok(inspect(handle, { showProxy: true }).includes(TEXT));
  }
  equal(inspect(run(api.makeAdder(1))), "[handle of a loop thread's function]");
});

test('as a string, in a template, as a key and in JSON it is its text', () => {
  const odd: unknown = run(api.openOdd());
  equal(String(odd), TEXT);
  equal(`${odd as string}!`, `${TEXT}!`);
  equal((odd as string) + '!', `${TEXT}!`);
  deepEqual(Object.keys({ [odd as string]: 1 }), [TEXT]);
  equal(JSON.stringify({ odd }), JSON.stringify({ odd: TEXT }));
  equal(Object.prototype.toString.call(odd), '[object Handle]');
});

test('it has no properties of its own to enumerate, compare or spread', () => {
  const [one, two] = [run(api.open()), run(api.open())];
  deepEqual(Object.keys(one), []);
  deepEqual({ ...one }, {});
  equal('add' in one, false);
  equal(Object.getPrototypeOf(one), null);
  equal(isPalitraError(one), false);
  equal(isDeepStrictEqual(one, one), true);
  notEqual(one, two);
  equal(new Set([one, one, two]).size, 2);
  equal(new WeakMap([[one, 1]]).get(one), 1);
});

test('its properties cannot be changed from here', () => {
  const session = run(api.open()) as unknown as Record<string, unknown>;
  for (const change of [
    () => (session['name'] = 'other'),
    () => delete session['name'],
    () => Object.defineProperty(session, 'name', { value: 'other' }),
    () => Object.assign(session, { name: 'other' }),
  ]) {
    throws(change, /A property of a handle cannot be changed: call a method that does/);
  }
});

test('run, gather and createTask of a handle itself say what to write', () => {
  const session = run(api.open());
  for (const misuse of [
    () => run(session as never),
    () => gather(session as never),
    () => createTask(session as never),
  ]) {
    throws(misuse, ({ name, message }: Error) => {
      equal(name, 'TypeError');
      match(message, /takes a coroutine, not a handle\. Call one of its methods/);
      return true;
    });
  }
  throws(() => run(session.add as never), /takes a coroutine, not a function/);
  throws(() => coroutine(session as never), TypeError);
});

test('symbols that other code asks for are not methods of the object', () => {
  const session = run(api.open()) as unknown as Record<symbol, unknown>;
  for (const symbol of [Symbol.iterator, Symbol.asyncIterator, Symbol('mine'), Symbol.for('x')]) {
    equal(session[symbol], undefined);
  }
});
