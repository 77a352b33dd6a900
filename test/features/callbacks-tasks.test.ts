import { test } from 'node:test';
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { coroutine, coroutines, createTask, gather, run, start } from 'palitra';
import { runScript } from '../support/child.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const api = coroutines<typeof import('../fixtures/callbacks.ts')>(
  '../fixtures/callbacks.js',
  import.meta,
);

test('while the caller awaits a task, its callback runs as a message', async () => {
  let isInCaller = true;
  let stack = '';
  const task = createTask(
    api.call(() => {
      stack = new Error('where').stack!;
      return isInCaller;
    }),
  );
  isInCaller = false;
  equal(await task, false);
  ok(!stack.includes('TestContext'));
});

test('the caller’s event loop turns between the callbacks of a task', async () => {
  let turned = 0;
  const timer = setInterval(() => (turned += 1), 0);
  const waiting = coroutine(async (callback: () => Promise<number>) => {
    let count = 0;
    while ((await callback()) < 3) count += 1;
    return count;
  });
  const count = await createTask(waiting(() => turned));
  clearInterval(timer);
  ok(count > 0);
});

test('an async callback is awaited', async () => {
  const slow = async (n: number): Promise<number> => {
    await sleep(1);
    return n * 2;
  };
  equal(await createTask(api.each(5, slow)), 20);
  deepEqual(await createTask(api.together(5, slow)), [0, 2, 4, 6, 8]);
});

test('async callbacks may answer in another order than they were called in', async () => {
  const order: number[] = [];
  const waiting: (() => void)[] = [];
  const hold = async (n: number): Promise<number> => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 5)
        setImmediate(() => waiting.reverse().forEach((release) => release()));
    });
    order.push(n);
    return n;
  };
  deepEqual(await createTask(api.together(5, hold)), [0, 1, 2, 3, 4]);
  deepEqual(order, [4, 3, 2, 1, 0]);
});

test('an async callback may await tasks of its own', async () => {
  const nested = async (depth: number): Promise<number> =>
    depth === 10 ? 0 : 1 + ((await createTask(api.call(() => nested(depth + 1)))) as number);
  equal(await nested(0), 10);
});

test('an async callback’s failure is thrown in the coroutine', async () => {
  const task = createTask(
    api.call(async () => {
      await sleep(1);
      throw Object.assign(new RangeError('late'), { after: 1 });
    }),
  );
  await rejects(async () => await task, { name: 'RangeError', message: 'late', after: 1 });
});

test('a thenable that is no promise is awaited, and one that throws is an error', async () => {
  // oxlint-disable-next-line unicorn/no-thenable -- what users return
  const thenable = { then: (resolve: (value: string) => void) => resolve('then') };
  equal(await createTask(api.call(() => thenable)), 'then');
  const broken = {
    // oxlint-disable-next-line unicorn/no-thenable -- what users return
    then(): never {
      throw new Error('broken');
    },
  };
  await rejects(async () => await createTask(api.call(() => broken)), /broken/);
});

test('an async callback that returns what cannot cross fails with the path', async () => {
  const task = createTask(api.call(async () => ({ key: Symbol('no') })));
  await rejects(async () => await task, { name: 'UncloneableError', path: 'callback result.key' });
});

test('a callback that runs as a message may block in run and gather', async () => {
  const blocking = (n: number): number => run(api.each(n, (m) => m)) + gather(api.drop()).length;
  equal(await createTask(api.each(5, blocking)), 0 + 0 + 1 + 3 + 6 + 5);
});

test('callbacks of many tasks each reach their own', async () => {
  const tasks = Array.from({ length: 50 }, (_, index) =>
    createTask(api.call(async (n) => [index, n], [index * 2], index % 5)),
  );
  deepEqual(
    await Promise.all(tasks),
    Array.from({ length: 50 }, (_, index) => [index, index * 2]),
  );
});

test('the same callback is awaited in async code and a TypeError on a blocked caller', async () => {
  const later = async (): Promise<string> => 'later';
  equal(await createTask(api.call(later)), 'later');
  const caught = run(api.catchFrom(later))!;
  equal(caught.classes[0], 'TypeError');
  equal(await createTask(api.call(later)), 'later');
  const task = createTask(api.catchFrom(later));
  match((task.result()!.thrown as Error).message, /returned a promise/);
});

test('a coroutine that has started goes on calling back', async () => {
  const serve = coroutine(async (callback: (n: number) => Promise<number>) => {
    const { started } = await import('palitra/loop');
    started('ready');
    let sum = 0;
    for (let n = 0; n < 10; n++) sum += await callback(n);
    return sum;
  });
  const { task, value } = start(serve(async (n) => n));
  equal(value, 'ready');
  equal(await task, 45);
});

test('an awaited task’s callbacks keep the process alive until it has ended', async () => {
  const { stdout, code, isHung } = await runScript(`
    import { coroutines, createTask } from 'palitra';
    const api = coroutines('./callbacks.js', import.meta);
    createTask(api.together(3, async (n) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return n;
    })).then((values) => console.log(values));
  `);
  deepEqual({ stdout, code, isHung }, { stdout: '[ 0, 1, 2 ]\n', code: 0, isHung: false });
});
