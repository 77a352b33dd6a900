import { test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  run,
  sync,
  TimeoutError,
  UncloneableError,
} from 'palitra';
import * as real from '../fixtures/module-values.ts';
import { checkLeaks } from '../support/leaks.ts';
import { createProject } from '../support/project.ts';

checkLeaks();

type Fixture = typeof import('../fixtures/module-values.ts');
const api = coroutines<Fixture>('../fixtures/module-values.js', import.meta);
const m = sync(api, { values: true });

test('the names are those of the module itself, to Object.keys, in and typeof', () => {
  deepEqual(Object.keys(m), Object.keys(real));
  const itself: Record<string, unknown> = { ...real };
  for (const key of Object.keys(real) as (keyof Fixture)[]) {
    ok(key in m);
    if (key === 'secret' || key === 'weak' || key === 'ready') continue;
    equal(typeof m[key], typeof itself[key], key);
  }
  for (const key of ['missing', 'then', 'toString', 'constructor'])
    equal(key in m, key in real, key);
  equal((m as { missing?: unknown }).missing, undefined);
});

test('what is no function is there by value', () => {
  equal(m.version, '1.2.3');
  equal(m.answer, 42);
  equal(m.big, 2n ** 70n);
  equal(m.nothing, undefined);
  equal(m.none, null);
  deepEqual(m.languages, real.languages);
  deepEqual(m.table, real.table);
  deepEqual(m.pattern, real.pattern);
  equal(m.table, m.table);
  equal(m.sameTable, m.table);
  equal(m.ready, 'ready');
});

test('values are those of the moment, and the functions see the state of the module', () => {
  equal(m.count, 0);
  equal(m.increment(2), 2);
  equal(run(api.increment(3)), 5);
  equal(m.count, 0);
  equal(sync(api, { values: true }).count, 5);
});

test('functions block, have their names and lengths, and throw what they throw', () => {
  equal(m.addAtOnce(1, 2), 3);
  equal(m.default('loud'), 'LOUD');
  equal((m.default as unknown as { extra: string }).extra, 'more');
  equal(m.addAtOnce.name, 'addAtOnce');
  equal(m.addAtOnce.length, 2);
  throws(() => m.fail('no'), new RangeError('no'));
});

test('objects that hold functions are followed, and called on the object they stand in', () => {
  deepEqual(Object.keys(m.util), ['depth', 'skip', 'inner', 'viaThis']);
  equal(m.util.depth, 2);
  equal(m.util.skip(' a '), 'a');
  deepEqual(m.util.inner.list, [1, 2]);
  equal(m.util.inner.deep.twice(21), 42);
  equal(m.util.viaThis(), 2);
  equal((m.cyclic as unknown as { me: unknown }).me, m.cyclic);
  equal(m.cyclic.hello(), 'hello');
  const plugins = m.plugins as unknown as [() => string, { run(): string }];
  ok(Array.isArray(plugins) && plugins.length === 2);
  deepEqual([plugins[0](), plugins[1].run()], ['first', 'second']);
  const { left, right } = m.circle as unknown as Record<string, Record<string, unknown>>;
  equal(right!['left'], left);
  equal((left!['call'] as () => string)(), 'called');
});

test('a class is constructed on the loop thread; an instance is there with its methods', () => {
  const session = new m.Session('http://other');
  equal(run(session.get('/path')), 'http://other/path');
  equal(m.Session.open('db'), 'opened db');
  equal((m.Session as unknown as { version: number }).version, 7);
  const { url, get } = m.session as unknown as { url: string; get(path: string): string };
  equal(url, 'http://host');
  equal(get('/path'), 'http://host/path');
});

test('what cannot be copied, or throws, throws when it is read, and disturbs nothing else', () => {
  throws(() => m.secret, UncloneableError);
  throws(() => m.weak, { code: 'ERR_PALITRA_UNCLONEABLE', path: 'result.inside' });
  throws(() => (m.lazy as { broken: unknown }).broken, new TypeError('cannot be read'));
  equal((m.lazy as unknown as { ok(): string }).ok(), 'ok');
});

test('nested namespaces of a module, builtins and CommonJS modules too', async () => {
  const namespaces = sync(
    coroutines<typeof import('../fixtures/namespaces.ts')>(
      '../fixtures/namespaces.js',
      import.meta,
    ),
    { values: true },
  );
  equal(namespaces.users.find(1), 'Grace');
  equal(namespaces.users.groups.admins.first(), 'Ada');
  const path = sync(coroutines<typeof import('node:path')>('node:path'), { values: true });
  equal(path.posix.sep, '/');
  equal(path.posix.join('a', 'b'), 'a/b');
  const project = await createProject({
    'index.mjs': `import { coroutines, sync } from 'palitra';
      export const c = sync(coroutines('./lib.cjs', import.meta), { values: true });`,
    'lib.cjs': `exports.version = 1; exports.load = async () => this === undefined ? 0 : exports.version;`,
  });
  const { c } = (await import(project.url('index.mjs').href)) as {
    c: Record<string, unknown>;
  };
  equal(c['version'], 1);
  equal((c['load'] as () => number)(), 1);
  await project.remove();
});

test('a nested namespace alone will do', () => {
  const util = sync(api.util as never, { values: true }) as unknown as typeof m.util;
  equal(util.depth, 2);
  equal(util.skip(' b '), 'b');
});

test('limits hold for the import and for each call', async () => {
  const project = await createProject({
    'index.mjs': `import { coroutines } from 'palitra';
      export const slow = coroutines('./slow.mjs', import.meta);`,
    'slow.mjs': `await new Promise((resolve) => setTimeout(resolve, 3_600_000));`,
  });
  const { slow } = (await import(project.url('index.mjs').href)) as { slow: typeof api };
  using runner = new EventLoopThreadRunner();
  throws(() => runner.sync(slow, { values: true, timeout: 300 }), TimeoutError);
  const parking = runner.sync(
    coroutines<typeof import('../fixtures/parking.ts')>('../fixtures/parking.js', import.meta),
    { values: true, timeout: 300 },
  );
  throws(() => parking.park(), TimeoutError);
  await project.remove();
});

test('what has no values is a TypeError', () => {
  throws(() => sync(coroutine(async () => 1) as never, { values: true }), {
    name: 'TypeError',
    message: /A function written in place has no values/,
  });
  throws(() => sync(api, { values: 1 as never }), {
    name: 'TypeError',
    message: /values is true or false/,
  });
});

test('a module that is missing, or fails, is its error at once', () => {
  throws(() => sync(coroutines('./no-such.js', import.meta), { values: true }), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
});
