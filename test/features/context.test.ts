import { test } from 'node:test';
import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  iterate,
  keep,
  run,
  sharedContext,
  start,
  sync,
  UncloneableError,
} from 'palitra';
import { runScript } from '../support/child.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const contexts = coroutines<typeof import('../fixtures/contexts.ts')>(
  '../fixtures/contexts.js',
  import.meta,
);
const tenant = sharedContext<unknown>('tenant');
const locale = sharedContext<unknown>('locale');

test('a value that is set here is visible in the coroutine', () => {
  equal(
    tenant.run('acme', () => run(contexts.whoAmI())),
    'acme',
  );
  equal(
    tenant.run('acme', () => run(contexts.whoAmIAtOnce())),
    'acme',
  );
  equal(
    tenant.run('acme', () => sync(contexts).whoAmIAtOnce()),
    'acme',
  );
});

test('and in it after promises, timers and turns of the loop', () => {
  const seen = tenant.run('acme', () => run(contexts.whoAmILater(2)));
  deepEqual(seen, ['acme', 'acme', 'acme', 'acme']);
});

test('outside it is unset, before and after, here and there', () => {
  equal(tenant.get(), undefined);
  equal(run(contexts.whoAmI()), undefined);
  tenant.run('acme', () => run(contexts.whoAmI()));
  equal(tenant.get(), undefined);
  equal(run(contexts.whoAmI()), undefined);
  equal(
    tenant.run(undefined, () => run(contexts.whoAmI())),
    undefined,
  );
});

test('an inner value hides the outer one for as long as it lasts', () => {
  tenant.run('outer', () => {
    equal(
      tenant.run('inner', () => run(contexts.whoAmI())),
      'inner',
    );
    equal(run(contexts.whoAmI()), 'outer');
  });
});

test('two contexts have their own values', () => {
  const seen = tenant.run('acme', () => locale.run('de', () => run(contexts.where())));
  deepEqual(seen, ['acme', 'de']);
  deepEqual(
    locale.run('fr', () => run(contexts.where())),
    [undefined, 'fr'],
  );
});

test('contexts are matched by name, so two of one name are the same', () => {
  const other = sharedContext<unknown>('tenant');
  other.run('acme', () => {
    equal(tenant.get(), 'acme');
    equal(run(contexts.whoAmI()), 'acme');
  });
  const inline = coroutine(async () => {
    const { sharedContext } = await import('palitra/loop');
    return sharedContext('tenant').get();
  });
  equal(
    tenant.run('acme', () => run(inline())),
    'acme',
  );
});

test('falsy values are values', () => {
  for (const value of [null, 0, '', false]) {
    equal(
      tenant.run(value, () => run(contexts.whoAmI())),
      value,
    );
  }
});

test('five hundred concurrent tasks each see their own value, and so do those who have none', async () => {
  const indices = Array.from({ length: 500 }, (_, index) => index);
  const tasks = indices.map((index) => {
    const coroutine = contexts.whoAmILater(index % 10);
    return index % 5 === 0 ? createTask(coroutine) : tenant.run(index, () => createTask(coroutine));
  });
  const seen = await Promise.all(tasks);
  for (const index of indices) {
    const own = index % 5 === 0 ? undefined : index;
    deepEqual(seen[index], [own, own, own, own]);
  }
});

test('all members of a gather see the value', () => {
  const members = Array.from({ length: 20 }, () => contexts.whoAmILater(1));
  const seen = tenant.run('acme', () => gather(members)).flat();
  deepEqual([...new Set(seen)], ['acme']);
});

test('a callback sees the value of the place where it was given away', async () => {
  equal(
    tenant.run('acme', () => run(contexts.call(() => tenant.get()))),
    'acme',
  );
  const task = tenant.run('acme', () => createTask(contexts.call(() => tenant.get())));
  equal(await tenant.run('other', async () => task), 'acme');
  const asynchronous = tenant.run('acme', () =>
    createTask(
      contexts.call(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return tenant.get();
      }),
    ),
  );
  equal(await asynchronous, 'acme');
});

test('a callback that is kept sees it as well, later', () => {
  const kept = tenant.run('acme', () => keep(() => tenant.get()));
  equal(
    tenant.run('first', () => run(contexts.call(kept))),
    'first',
  );
});

test('a run inside a callback sees the value', () => {
  const inner = tenant.run('acme', () => run(contexts.call(() => run(contexts.whoAmI()))));
  equal(inner, 'acme');
});

test('what a coroutine sets itself is for what it calls there, not for its caller', () => {
  deepEqual(
    tenant.run('acme', () => run(contexts.override(() => tenant.get()))),
    ['own', 'acme', 'acme'],
  );
  deepEqual(run(contexts.override(() => tenant.get())), ['own', undefined, undefined]);
});

test('what a coroutine enters in a storage of its own is not there for the next one', () => {
  for (const value of ['a', 'b', 'c']) {
    equal(run(contexts.enter(value)), `undefined, then ${value}`);
    equal(createTask(contexts.enter(value)).result(), `undefined, then ${value}`);
    equal(run(contexts.whoAmI()), undefined);
  }
});

test('a loop thread of a loop thread sees it', () => {
  equal(
    tenant.run('acme', () => run(contexts.whoAmINested())),
    'acme',
  );
});

for (const highWaterMark of [1, 64]) {
  test(`a producer sees it at every item, with a highWaterMark of ${highWaterMark}`, () => {
    const options = { highWaterMark };
    const left = tenant.run('left', () => [...iterate(contexts.items(100), options)]);
    deepEqual([...new Set(left)], ['left']);
    const outer = iterate(contexts.items(100), options);
    const first = tenant.run('outer', () => outer.next().value);
    const rest = tenant.run('other', () => [...outer]);
    deepEqual([...new Set([first, ...rest])], ['outer']);
    deepEqual([...new Set(iterate(contexts.items(10), options))], [undefined]);
  });
}

test('a coroutine that is started sees it', () => {
  equal(tenant.run('acme', () => start(contexts.serve())).value, 'acme');
});

test('runners of their own see it', () => {
  using runner = new EventLoopThreadRunner();
  equal(
    tenant.run('acme', () => runner.run(contexts.whoAmI())),
    'acme',
  );
});

test('the value is a copy: a change on one side is not seen on the other', () => {
  const value = { name: 'acme', tags: new Map([['a', 1]]) };
  tenant.run(value, () => {
    deepEqual(run(contexts.change()), { ...value, name: 'changed' });
    equal(value.name, 'acme');
  });
});

test('a value that cannot cross is an UncloneableError that names the context, and nothing is sent', () => {
  tenant.run({ user: Symbol('no') }, () => {
    for (const attempt of [
      () => run(contexts.whoAmI()),
      () => gather(contexts.whoAmI(), contexts.whoAmI()),
      () => createTask(contexts.whoAmI()),
      () => iterate(contexts.items(1)).next(),
    ]) {
      throws(attempt, (error: unknown) => {
        ok(error instanceof UncloneableError);
        equal(error.path, 'context "tenant".user');
        ok(error.message.includes('context "tenant".user'), error.message);
        return true;
      });
    }
  });
  equal(run(contexts.whoAmI()), undefined);
});

test('a name that is no string is a TypeError', async () => {
  for (const name of [undefined, 5, {}, null]) {
    throws(() => sharedContext(name as never), {
      name: 'TypeError',
      message: /sharedContext\(\) takes a name, such as sharedContext\('tenant'\)/,
    });
  }
  await rejects(
    async () =>
      await createTask(
        coroutine(async () => {
          const { sharedContext } = await import('palitra/loop');
          sharedContext(5 as never);
        })(),
      ),
    TypeError,
  );
});

test('with no shared context in use no storage is touched, on either thread', async () => {
  const { stdout, stderr } = await runScript(`
    import { uses } from './storage-census.js';
    const { coroutines, createTask, gather, iterate, run } = await import('palitra');
    const census = coroutines('./storage-census.js', import.meta);
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const calls = () => {
      for (let index = 0; index < 100; index++) run(arithmetic.add(1, 2));
      gather(arithmetic.add(1, 2), arithmetic.add(1, 2));
      [...iterate(arithmetic.echo([1, 2]))];
      createTask(arithmetic.add(1, 2)).result();
    };
    run(census.uses());
    calls();
    console.log(await uses(), run(census.uses()));
    const { sharedContext } = await import('palitra');
    sharedContext('used').run(1, calls);
    console.log(await uses() > 0, run(census.uses()) > 0);`);
  deepEqual({ stdout, stderr }, { stdout: '0 0\ntrue true\n', stderr: '' });
});
