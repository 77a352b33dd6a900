/** A thread that is blocked in one runner serves the callbacks of all its runners. */
import { test } from 'node:test';
import { isNode } from '../support/runtime.ts';
import { prints } from './programs.ts';

test('a server on one runner renders by a kept callback for a caller that is blocked in another', async () => {
  await prints(
    `const serve = coroutine(async (render) => {
      const http = await import('node:http');
      const server = http.createServer(async (request, response) => response.end(await render(request.url)));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server.address().port;
    });
    const get = coroutine(async (port) => (await fetch('http://127.0.0.1:' + port + '/page')).text());
    const runner = new EventLoopThreadRunner();
    const port = runner.run(serve(keep((url) => 'rendered ' + url)));
    console.log(run(get(port)), run(get(port), { timeout: 30_000 }));`,
    ['rendered /page rendered /page'],
  );
});

test('the circle from the main thread to B, to A and back to a callback of the main thread comes round', async () => {
  await prints(
    `const a = new EventLoopThreadRunner({ name: 'a' });
    const b = new EventLoopThreadRunner({ name: 'b' });
    a.run(coroutine(async (double) => { globalThis.double = double; })(keep((n) => 2 * n)));
    const throughA = coroutine(async (url, token, n) => {
      const { EventLoopThreadRunner, coroutine } = await import(url);
      const runner = (globalThis.runner ??= EventLoopThreadRunner.connect(token));
      return runner.run(coroutine(async (n) => globalThis.double(n))(n));
    });
    const url = import.meta.resolve('palitra');
    const token = a.share();
    console.log(b.run(throughA(url, token, 21)), b.run(throughA(url, token, 4)));`,
    ['42 8'],
  );
});

for (const [title, body] of [
  ['run', 'run(waits())'],
  ['gather', 'gather(waits(), nap(1))[0]'],
  [
    'iterate',
    '[...iterate(coroutine(async function* () { await globalThis.wait?.(); yield "done"; })())] && run(waits())',
  ],
  ['the result of a task', 'createTask(waits()).result()'],
] as const) {
  test(`a callback of a task on another runner is executed while the thread is blocked in ${title}`, async () => {
    await prints(
      `const runner = new EventLoopThreadRunner();
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const later = coroutine(async (callback) => { await new Promise((resolve) => setTimeout(resolve, 50)); return callback(); });
      const waiting = coroutine(async (flag) => { while (Atomics.load(flag, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5)); return 'done'; });
      const waits = () => waiting(flag);
      const task = runner.createTask(later(() => { Atomics.store(flag, 0, 1); return 'executed'; }));
      console.log(${body}, task.result());`,
      ['done executed'],
    );
  });
}

test('an async callback of a task is awaited, also when an unrelated call blocks the thread meanwhile', async () => {
  await prints(
    `const later = coroutine(async (callback) => { await new Promise((resolve) => setTimeout(resolve, 50)); return callback(20); });
    const task = createTask(later(async (n) => { await null; return n + 1; }));
    const settled = task.then((value) => value);
    run(nap(300));
    console.log(await settled);
    const other = new EventLoopThreadRunner();
    const again = createTask(later(async (n) => { await null; return n + 2; }));
    other.run(nap(300));
    console.log(await again);`,
    ['21', '22'],
  );
});

test('of the call that the thread is blocked for, and of those that it is nested in, an async callback is a TypeError', async () => {
  await prints(
    `console.log(attempt(() => run(callBack(async () => 1))));
    console.log(attempt(() => gather(nap(1), callBack(async () => 1))));
    const lanes = coroutine(async (first, second) => { const outer = first(); try { await second(); } catch (error) { globalThis.seen = error.name; } return outer; });
    run(lanes(() => run(nap(100)), async () => 1));
    console.log(run(coroutine(() => globalThis.seen)()));
    console.log(attempt(() => createTask(callBack(async () => 1)).result()));
    console.log(attempt(() => run(callBack(keep(async () => 1)))));`,
    ['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError'],
  );
});

test('a callback sees the AsyncLocalStorage of the place that made its call, whoever is blocked', async () => {
  await prints(
    `import { AsyncLocalStorage } from 'node:async_hooks';
    const storage = new AsyncLocalStorage();
    const later = coroutine(async (callback) => { await new Promise((resolve) => setTimeout(resolve, 30)); return callback(); });
    const who = () => storage.getStore();
    const task = storage.run('task', () => createTask(later(who)));
    console.log(storage.run('blocked', () => run(nap(150, who()))), task.result());
    console.log(storage.run('outer', () => run(callBack(() => storage.run('inner', () => run(callBack(who)))))));
    const other = storage.run('made here', () => createTask(later(who)));
    console.log(await storage.run('awaited there', async () => other));
    console.log(run(callBack(() => storage.run('changed', who))));`,
    ['blocked task', 'inner', 'made here', 'changed'],
  );
});

test(
  'the death of one loop thread is noticed while another calls without a break',
  { skip: !isNode && 'only in Node a worker that is out of memory ends' },
  async () => {
    await prints(
      `
    const doomed = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 20 } });
    const other = new EventLoopThreadRunner();
    const flood = coroutine((callback) => { const go = () => { callback(); setImmediate(go); }; go(); });
    const fills = coroutine(() => { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)); });
    doomed.run(nap(1));
    other.run(flood(keep(() => compute(2))));
    console.log(attempt(() => doomed.run(fills())));
    process.exit(0);`,
      ['LoopThreadError'],
      { nodeArgs: ['--no-warnings'] },
    );
  },
);
