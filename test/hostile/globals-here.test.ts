/** Programs that replace globals on the calling thread: fake timers, polyfills, imitations of a browser. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const replacements: Record<string, string> = {
  'nothing at all': '',
  'the clock, by one that stands still, and the timers': `
    const at = performance.now();
    performance.now = () => at;
    Date.now = () => 0;
    process.hrtime = Object.assign(() => [0, 0], { bigint: () => 0n });
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearInterval'])
      globalThis[name] = () => 0;
    process.nextTick = () => undefined;`,
  'structuredClone, MessageChannel and MessagePort, as jsdom does not have them': `
    delete globalThis.structuredClone;
    delete globalThis.MessageChannel;
    delete globalThis.MessagePort;
    delete globalThis.BroadcastChannel;`,
  'performance, by nothing': `delete globalThis.performance;`,
  'Promise and Atomics, by nothing': `globalThis.Promise = globalThis.Atomics = undefined;`,
};

/** Every way to wait, longer than the slice after which a blocked thread looks around. */
const work = `
  console.log(nameOf(() => run(later(300, 'slept'))));
  console.log(nameOf(() => run(later(60_000), { timeout: 150 })));
  console.log(nameOf(() => gather([later(60_000), later(1)], { timeout: 150 })));
  console.log(nameOf(() => createTask(later(60_000), { timeout: 150 }).result()));
  console.log(nameOf(() => createTask(later(60_000)).result({ timeout: 150 })));
  console.log(nameOf(() => [...iterate(items(150, 2), { timeout: 60_000 })].join()));
  console.log(nameOf(() => [...iterate(items(60_000, 1), { timeout: 150 })].join()));
  console.log(nameOf(() => run(callBack((n) => run(later(150, n + 1)), 1))));
  console.log(nameOf(() => run(coroutines('node:process').exit(3))));
  console.log(nameOf(() => run(compute(900), { timeout: 50 })));
  console.log(nameOf(() => run(later(1, 'next'))));
  const task = createTask(later(100, 'awaited'));
  createTask(later(1, 'a reply that comes while this thread is blocked')).result();
  console.log(await task);
  console.log(await createTask(later(60_000), { timeout: 150 }).catch((error) => error.name));
`;
const worked = `slept
TimeoutError
TimeoutError
TimeoutError
TimeoutError
0,1
TimeoutError
2
LoopThreadError
TimeoutError
next
awaited
TimeoutError
`;

for (const [what, replace] of Object.entries(replacements)) {
  test(`with ${what} replaced, timeouts hold and waiting ends`, async () => {
    const { stdout, isHung, code } = await runScript(
      `
      import { coroutine, coroutines, createTask, gather, iterate, run, shutdownGlobalRunner } from 'palitra';
      const later = coroutine(async (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value)));
      const compute = coroutine(async (ms) => { const end = performance.now() + ms; while (performance.now() < end); });
      const callBack = coroutine(async (callback, n) => callback(n));
      const items = coroutine(async function* (ms, count) {
        for (let n = 0; n < count; n++) {
          await new Promise((resolve) => setTimeout(resolve, ms));
          yield n;
        }
      });
      const nameOf = (body) => { try { return String(body()); } catch (error) { return error.name; } };
      process.on('warning', () => undefined);
      run(later(1));
      ${replace}
      ${work}
      shutdownGlobalRunner();
      process.exit(0);`,
      { nodeArgs: ['--no-warnings'] },
    );
    deepEqual({ stdout, isHung, code }, { stdout: worked, isHung: false, code: 0 });
  });
}

test('values that only the platform can copy cross without a global structuredClone', async () => {
  const { stdout, stderr, isHung } = await runScript(`
    delete globalThis.structuredClone;
    const { coroutine, run } = await import('palitra');
    const { Blob } = await import('node:buffer');
    const echo = coroutine(async (value) => value);
    const nameOf = (body) => { try { return body(); } catch (error) { return error.name + ' ' + error.path; } };
    console.log(await run(echo(new Blob(['abc']))).text());
    console.log(nameOf(() => run(echo([new WeakMap()]))));
    console.log(nameOf(() => run(echo(Object.assign(new Error('e'), { own: { at: new Date(5) } })))).own.at.getTime());
    console.log(run(coroutine(async () => new Promise((resolve) => setTimeout(resolve, 300, 'slept')))()));`);
  deepEqual(
    { stdout, stderr, isHung },
    { stdout: 'abc\nUncloneableError arguments[0][0]\n5\nslept\n', stderr: '', isHung: false },
  );
});
