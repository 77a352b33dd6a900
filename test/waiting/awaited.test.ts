/** Tasks that are awaited, and what else goes on after a call has returned. */
import { test } from 'node:test';
import { match } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import { isNode } from '../support/runtime.ts';
import { prints } from './programs.ts';

test(
  'a task that can never settle is told to a program that has nothing else to do',
  { skip: !isNode && 'only Node tells what keeps an event loop alive' },
  async () => {
    await prints(
      `const last = createTask(never());
    console.log(await last.catch((error) => error.name));
    console.log(await Promise.allSettled([createTask(never()), createTask(nap(300, 1))]).then((all) => all.map(({ status }) => status).join()));`,
      ['NeverSettledError', 'rejected,fulfilled'],
    );
    const { code, stderr, isHung } = await runScript(
      `import { coroutine, createTask } from 'palitra';
    await createTask(coroutine(() => new Promise(() => {}))());`,
    );
    match(JSON.stringify({ code, stderr, isHung }), /"code":1.*NeverSettledError.*"isHung":false/);
  },
);

test('a task is left alone as long as the program, or its loop thread, has something to do', async () => {
  await prints(
    `const opener = coroutine(async (opens) => { await opens; globalThis.open?.(); });
    const waits = coroutine(() => new Promise((resolve) => { globalThis.open = resolve; }));
    const task = createTask(waits());
    setTimeout(() => run(coroutine(() => globalThis.open('opened'))()), 1_500);
    console.log(await task, await createTask(nap(1_000, 'slow')));`,
    ['opened slow'],
  );
});

test('a subscription goes on though nobody holds its runner', async () => {
  await prints(
    `const subscribe = coroutine(async (listener) => { setInterval(listener, 20); });
    let count = 0;
    (() => { new EventLoopThreadRunner().run(subscribe(keep(() => { count += 1; }))); })();
    for (let round = 0; round < 20; round++) { globalThis.gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
    const before = count;
    for (let round = 0; round < 200 && count === before; round++) await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(count > before);
    process.exit();`,
    ['true'],
    { nodeArgs: ['--expose-gc'] },
  );
});

test('a task is not told about when its signal has ended it, as with cancel()', async () => {
  await prints(
    `const controller = new AbortController();
    createTask(nap(60_000), { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await new Promise((resolve) => setTimeout(resolve, 200));
    console.log('still here');`,
    ['still here'],
  );
});

test('the result of a task inside its own callback is a DeadlockError, whatever else the loop thread has to do', async () => {
  await prints(
    `const later = coroutine(async (callback) => { setInterval(() => {}, 1_000); await null; return callback(); });
    const task = createTask(later(() => attempt(() => task.result())));
    console.log(task.result());
    const awaited = createTask(later(() => attempt(() => awaited.result())));
    console.log(await awaited);`,
    ['DeadlockError', 'DeadlockError'],
  );
});

test('a coroutine that waits for a lock is left alone while somebody holds it, and told when nobody does', async () => {
  await prints(
    `import * as threads from 'node:worker_threads';
    const { locks, Worker } = threads;
    if (locks === undefined) { console.log('got it'); console.log('got it'); console.log('NeverSettledError'); process.exit(); }
    const hold = (how) => new Promise((resolve) => new Worker(
      'const { locks, parentPort } = require("node:worker_threads"); locks.request("palitra", async () => { parentPort.postMessage(1); await new Promise((resolve) => setTimeout(resolve, 700)); ' + how + ' });',
      { eval: true },
    ).once('message', resolve));
    const waits = coroutine(async () => (await import('node:worker_threads')).locks.request('palitra', async () => 'got it'));
    await hold('');
    console.log(run(waits()));
    await hold('process.exit(0);');
    console.log(run(waits()));
    console.log(attempt(() => run(never())));`,
    ['got it', 'got it', 'NeverSettledError'],
  );
});

test('a callback that had promised something is told when its thread blocks for its coroutine', async () => {
  await prints(
    `
    const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
    run(coroutine(() => { setInterval(() => {}, 60_000); })());
    let begun = false;
    const task = createTask(callBack(async () => { begun = true; await turn(); }));
    while (!begun) await turn();
    console.log(attempt(() => task.result()));
    begun = false;
    const asked = createTask(callBack(async () => { begun = true; await turn(); return 'answered'; }));
    while (!begun) await new Promise((resolve) => setImmediate(resolve));
    console.log(attempt(() => asked.result({ timeout: 1 })), await asked);
    process.exit(0);`,
    ['TypeError', 'TimeoutError answered'],
  );
});

test('a program that was idle, and has been called since, is not taken for idle', async () => {
  await prints(
    `
    const held = coroutine((callback) => {
      setTimeout(() => { callback(); for (const end = performance.now() + 100; performance.now() < end;); }, 1_000);
      return new Promise((resolve) => { globalThis.release = resolve; });
    });
    const release = coroutine((value) => { globalThis.release(value); });
    console.log(await createTask(held(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      run(release('released'));
    })));`,
    ['released'],
  );
});

test('the timeout of a call does not limit what follows when a callback inside it ends the process', async () => {
  await prints(
    `
    run(coroutine(async () => {
      const { onShutdown } = await import('palitra/loop');
      const { writeSync } = await import('node:fs');
      onShutdown(async () => {
        await new Promise((resolve) => setTimeout(resolve, 600));
        writeSync(1, 'cleaned up\\n');
      });
    })());
    process.on('exit', () => console.log(attempt(() => run(nap(500, 'in the handler')))));
    run(callBack(() => process.exit(0)), { timeout: 300 });`,
    ['in the handler', 'cleaned up'],
  );
});

test('what can never come is told inside a callback of another runner as well', async () => {
  await prints(
    `const outer = new EventLoopThreadRunner();
    const inner = new EventLoopThreadRunner();
    console.log(attempt(() => outer.run(callBack(() => inner.run(never())))), outer.run(nap(1, 'next')));`,
    ['NeverSettledError next'],
  );
});
