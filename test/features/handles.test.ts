import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  gather,
  get,
  iterate,
  run,
  UncloneableError,
  type Handle,
} from 'palitra';
import { handle } from 'palitra/loop';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const api = coroutines<typeof import('../fixtures/handles.ts')>(
  '../fixtures/handles.js',
  import.meta,
);

test('the methods of a handle are coroutine functions, and the object keeps its private state', () => {
  const session = run(api.open('mine'));
  equal(run(session.add(2)), 2);
  equal(run(session.addAtOnce(3)), 5);
  equal(createTask(session.add()).result(), 6);
  deepEqual(gather(session.add(1), session.add(1)), [7, 8]);
  deepEqual([...iterate(session.rows(3))], [8, 9, 10]);
});

test('a coroutine of a handle may be run more than once', () => {
  const session = run(api.open());
  const addOne = session.add(1);
  deepEqual([run(addOne), run(addOne), run(addOne)], [1, 2, 3]);
  equal(String(addOne), 'coroutine handle.add');
});

test('a task of a handle can be awaited', async () => {
  const session = await createTask(api.open());
  equal(await createTask(session.add(4)), 4);
});

test('get reads a property: own ones, getters on private state, promises', () => {
  const session = run(api.open('named'));
  run(session.add(9));
  equal(run(get(session, 'name')), 'named');
  equal(run(get(session, 'count')), 9);
  equal(run(get(session, 'ready')), 'ready');
  deepEqual(run(get(session, 'settings')), { retries: 3 });
  equal(run(get(session, 'missing' as 'name')), undefined);
});

test('get takes handles only', () => {
  for (const value of [undefined, null, {}, () => 1, 'text']) {
    throws(() => get(value as never, 'key' as never), /get\(\) takes a handle, such as get\(/);
  }
});

test('a method’s error arrives with class, properties and both threads’ frames', () => {
  const session = run(api.open('mine'));
  throws(
    () => run(session.fail('no')),
    (error: unknown) => {
      ok(error instanceof RangeError);
      equal((error as { session?: string }).session, 'mine');
      match(error.stack!, /handles\.js[^]*--- called by palitra from ---[^]*handles\.test\.js/);
      return true;
    },
  );
  equal(run(session.add(1)), 1);
});

test('a method that is not there is a TypeError that names it', () => {
  const session = run(api.open()) as unknown as Record<string, () => never>;
  throws(() => run(session['nothing']!()), /handle\.nothing: the object has no method "nothing"/);
  throws(() => run(session['name']!()), /has no method "name"/);
});

test('a method may take callbacks', () => {
  const session = run(api.open());
  equal(run(session.each(4, (n) => n)), 6);
});

test('a class is constructed on the loop thread', () => {
  const session = run(new api.Session('constructed'));
  equal(run(get(session, 'name')), 'constructed');
  equal(run(session.add(1)), 1);
  throws(() => run(new api.Session('')), new RangeError('a session has a name'));
  equal(run(get(run(api.Session.connect('static')), 'name')), 'static');
});

test('classes of builtin modules are constructed as well', () => {
  const { URL: UrlClass } = coroutines<typeof import('node:url')>('node:url');
  const url = run(new UrlClass('http://localhost:8080/a?b=1'));
  equal(run(get(url, 'port')), '8080');
  equal(run(url.toString()), 'http://localhost:8080/a?b=1');
});

test('a handle among the arguments is the object itself', () => {
  const session = run(api.open());
  equal(run(api.use(session, 5)), 5);
  equal(run(session.isSame(session)), true);
  equal(run(session.isSame(run(api.open()))), false);
  const list = [session, run(api.open())];
  deepEqual(run(api.useAll({ list, byName: new Map([['key', session]]) })), [true, true, true]);
});

test('handles may stand anywhere in a result, and the same one arrives as the same one', () => {
  const { list, byName, set, nested } = run(api.openEverywhere());
  const [session, other] = list as [(typeof list)[0], (typeof list)[0]];
  equal(byName.get('key')!.session, session);
  deepEqual([...set], [session]);
  equal(nested.again, session);
  notEqual(other, session);
  equal(run(session.add(1)), 1);
  equal(run(other.add(5)), 5);
  equal(run(nested.again.add(1)), 2);
});

test('a method may return a handle to another object', () => {
  const child = run(run(api.open('parent')).fork('child'));
  equal(run(get(child, 'name')), 'child');
});

test('a method that returns the object itself returns a handle to it, at once or later', () => {
  const session = run(api.open());
  const chained = run(run(session.rename('ab')).ping());
  equal(run(chained.add(1)), 1);
  equal(run(session.isSame(chained)), true);
  equal(run(get(chained, 'settings')).retries, 5);
});

test('an error may carry a handle', () => {
  throws(
    () => run(api.throwWithHandle()),
    ({ session }: Error & { session: Handle<{ name: string }> }) =>
      run(get(session, 'name')) === 'thrown',
  );
});

test('a callback may take a handle and return one', () => {
  const session = run(api.open());
  const names: string[] = [];
  const isSame = run(
    api.give(session, (given) => {
      names.push(run(get(given, 'name')));
      run(given.add(3));
      return given;
    }),
  );
  deepEqual([isSame, names, run(get(session, 'count'))], [true, ['session'], 3]);
  equal(run(api.give(session, () => session)), true);
});

test('a handle of a function is called', () => {
  const adder = run(api.makeAdder(10));
  equal(run(adder(5)), 15);
  deepEqual(gather(adder(1), adder(2)), [11, 12]);
  equal(String(adder(1)), 'coroutine handle');
});

test('a handle of an object is not called', () => {
  const session = run(api.open()) as unknown as () => never;
  throws(() => session(), /This handle is of an object, not of a function/);
});

test('a handle of a handle is a handle', () => {
  equal(run(run(api.handleOfHandle()).add(2)), 2);
});

test('handles cross for in-place functions too', () => {
  const count = coroutine(async (session: { add(n: number): Promise<number> }) => session.add(2));
  const session = run(api.open());
  equal(run(count(session as never)), 2);
});

test('handle() off the loop thread returns the object itself, and takes objects only', () => {
  const object = { key: 1 };
  equal(handle(object), object);
  for (const value of [undefined, null, 1, 'text']) {
    throws(() => handle(value as never), /handle\(\) takes an object or a function, not/);
  }
});

test('an object that is not behind a handle is copied, or refused with the advice', () => {
  const openBare = coroutine(async () => ({ socket: { write: () => true } }));
  throws(
    () => run(openBare()),
    (error: unknown) => {
      ok(error instanceof UncloneableError);
      equal(error.path, 'result.socket.write');
      match(error.message, /return handle\(value\) \(from palitra\/loop\)/);
      return true;
    },
  );
});
