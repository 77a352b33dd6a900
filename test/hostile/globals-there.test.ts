/** Code of the user's that overwrites what palitra's own code on the loop thread relies on. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** Afterwards all operations work on the same loop thread, and it ends when it is asked to. */
const prelude = `
  import { inspect } from 'node:util';
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, iterate, run } from 'palitra';
  const api = coroutines('./identity.js', import.meta);
  const numbers = coroutine(async function* (count) { for (let n = 0; n < count; n++) yield n; });
  const callBack = coroutine(async (callback, n) => callback(n));
  const onSignal = coroutine(async () => {
    const { getSignal } = await import('palitra/loop');
    const signal = getSignal();
    const { promise, resolve } = { promise: new NativePromise((settle) => (globalThis.settle = settle)) };
    signal.addEventListener('abort', () => globalThis.settle('aborted'));
    return promise;
  });
  const runner = new EventLoopThreadRunner({ shutdownTimeout: 60_000, resourceLimits: {} });
  runner.run(coroutine(async () => {
    globalThis.NativePromise = Promise;
    const { onShutdown } = await import('palitra/loop');
    const { writeSync } = await import('node:fs');
    onShutdown(() => writeSync(1, 'cleaned up\\n'));
  })());
`;
const work = `
  const nameOf = (body) => { try { return body(); } catch (error) { return error.name; } };
  for (let n = 0; n < 300; n++) if (runner.run(api.echo(n)) !== n) throw new Error('wrong ' + n);
  console.log(
    inspect(runner.run(api.echo({ text: 'text', list: [1.5, null], bytes: new Uint8Array(3) }))),
    runner.gather(api.echo(1), api.echo('x'.repeat(100_000))).length,
    [...runner.iterate(numbers(100))].length,
    runner.createTask(api.echo('task')).result(),
    runner.run(callBack((n) => runner.run(api.echo(n + 1)), 1)),
    nameOf(() => runner.run(onSignal(), { timeout: 20 })),
    runner.run(api.echo('after the timeout')),
  );
  await null;
  console.log(await runner.createTask(api.echo('awaited')), runner.getLoop().stats().restarts);
  runner.close();
`;
const worked =
  "{ text: 'text', list: [ 1.5, null ], bytes: Uint8Array(3) [ 0, 0, 0 ] } 2 100 task 2 TimeoutError after the timeout\n" +
  'awaited 0\ncleaned up\n';

const nothing = 'undefined';
const thrower = "() => { throw new Error('overwritten'); }";
const attacks: Record<string, string> = {
  'globalThis.Atomics': `globalThis.Atomics = ${nothing}; globalThis.SharedArrayBuffer = ${nothing};`,
  'globalThis.Promise, by nothing': `globalThis.Promise = ${nothing};`,
  'globalThis.Promise, by another': `
    globalThis.Promise = class Promise { static resolve() { throw new Error('another'); } };`,
  'process.exit, by what does nothing': 'process.exit = () => {};',
  'process.exit, by what throws': `process.exit = ${thrower}; process.reallyExit;`,
  console: `globalThis.console = ${nothing};`,
  'process.stdout.write': `process.stdout.write = process.stderr.write = ${thrower};`,
  'the timers': `
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearImmediate'])
      globalThis[name] = ${thrower};`,
  'the clocks': `
    performance.now = () => 0;
    performance.eventLoopUtilization = ${thrower};
    globalThis.performance = ${nothing};
    Date.now = () => 0;
    process.hrtime = ${thrower};`,
  'AbortController and structuredClone': `
    globalThis.AbortController = globalThis.structuredClone = ${nothing};`,
};

for (const [what, attack] of Object.entries(attacks)) {
  test(`a module that overwrites ${what} does not disturb the loop`, async () => {
    // What it overwrites the rest of its own code would need as well, so the API is loaded before.
    const { stdout, stderr, isHung, code } = await runScript(
      `${prelude}
      runner.run(coroutine(async () => { ${attack} })());
      ${work}`,
    );
    deepEqual(
      { stdout, stderr, isHung, code },
      { stdout: worked, stderr: '', isHung: false, code: 0 },
    );
  });
}

/** What a coroutine returns may be a promise that is none of the platform's any more. */
const promises: Record<string, readonly [body: string, outcome: string]> = {
  'a promise with a `then` of its own': [
    "return Object.assign(Promise.resolve(1), { then() { throw new Error('own then'); } });",
    '1',
  ],
  'a promise whose `then` throws when it is read': [
    "return Object.defineProperty(Promise.resolve(1), 'then', { get() { throw new Error('getter'); } });",
    // Whether it is a promise cannot be known, so it is a value, and one that cannot be copied.
    'UncloneableError',
  ],
  'a promise whose constructor throws when it is read': [
    "return Object.defineProperty(Promise.resolve(1), 'constructor', { get() { throw new RangeError('constructor'); } });",
    'RangeError',
  ],
  'a thenable whose `then` throws the second time': [
    "let n = 0; return { get then() { if (n++ > 0) throw new RangeError('second'); return (resolve) => resolve(1); } };",
    'RangeError',
  ],
  'a thenable that settles twice, and throws': [
    "return { then(resolve, reject) { resolve(1); reject(new Error('2')); resolve(3); throw new Error('4'); } };",
    '1',
  ],
  'a thenable that never settles': ['return { then() {} };', 'NeverSettledError'],
  'a subclass of Promise that starts when it is awaited': [
    'return new (class Lazy extends Promise { then(...args) { return Promise.resolve(5).then(...args); } })(() => {});',
    '5',
  ],
  'a proxy of a promise': ['return new Proxy(Promise.resolve(1), {});', 'TypeError'],
};

test('whatever is returned as a promise, there is an outcome, and the loop goes on', async () => {
  const bodies = Object.values(promises).map(([body]) => `() => { ${body} }`);
  const { stdout, stderr, isHung } = await runScript(`
    import { writeFileSync } from 'node:fs';
    import { coroutines, createTask, run } from 'palitra';
    const file = new URL('promises.mjs', import.meta.url);
    const bodies = ${JSON.stringify(bodies)};
    writeFileSync(file, bodies.map((body, index) => \`export const f\${index} = \${body};\`).join('\\n'));
    const api = coroutines(file);
    const nameOf = (body) => { try { return String(body()); } catch (error) { return error.name; } };
    for (let index = 0; index < bodies.length; index++)
      console.log([nameOf(() => run(api['f' + index]())), nameOf(() => createTask(api['f' + index]()).result())].join());`);
  const expected = Object.values(promises).map(([, outcome]) => `${outcome},${outcome}\n`);
  deepEqual(
    { stdout, stderr, isHung },
    { stdout: expected.join(''), stderr: '', isHung: false },
    Object.keys(promises).join('\n'),
  );
});

test('a message that cannot be read any more ends the loop thread, and is sent to the next one', async () => {
  const { stdout, stderr, isHung } = await runScript(`
    import { coroutine, run } from 'palitra';
    const echo = coroutine(async (value) => value);
    run(echo({ evil: 1 }));
    run(coroutine(async () => {
      Object.defineProperty(Object.prototype, 'evil', { set() { throw new Error('poisoned'); } });
    })());
    console.log(run(echo({ evil: 2 })).evil);
    console.log(run(echo({ evil: 3 })).evil);`);
  deepEqual(
    {
      stdout,
      says: stderr.startsWith(
        'palitra\'s loop thread "palitra" cannot read a message, and ends:\nError: poisoned\n',
      ),
      isHung,
    },
    { stdout: '2\n3\n', says: true, isHung: false },
  );
});
