import { test } from 'node:test';
import { deepEqual, equal, match } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import { isBun } from '../support/runtime.ts';

/** Two clean-ups, and a coroutine in flight that cleans up when it is aborted. */
const prelude = `
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, iterate, run, start } from 'palitra';
  const arithmetic = coroutines('./arithmetic.js', import.meta);
  const parking = coroutines('./parking.js', import.meta);
  const shutdown = coroutines('./shutdown.js', import.meta);
  const callLater = coroutine(async (callback) => callback());
`;
const open = `
  run(shutdown.printAtEnd('registered first'));
  run(shutdown.printAtEnd('registered last'));
  createTask(shutdown.printWhenAborted('aborted by'));
  run(arithmetic.add(1, 2));
`;
const cleanedUp = 'aborted by CancelledError\nregistered last\nregistered first\n';

const roads: Record<string, { readonly script: string; readonly code: number; stderr?: RegExp }> = {
  'the end of the program': { script: '', code: 0 },
  'process.exit()': { script: 'process.exit();', code: 0 },
  'process.exit(5)': { script: 'process.exit(5);', code: 5 },
  'process.exit() with an exitCode': { script: 'process.exitCode = 6; process.exit();', code: 6 },
  'the end of the program with an exitCode': { script: 'process.exitCode = 6;', code: 6 },
  'process.exit() from a timer': { script: 'setTimeout(() => process.exit(7), 1);', code: 7 },
  'an uncaught exception': {
    script: "throw new RangeError('uncaught');",
    code: 1,
    stderr: /RangeError: uncaught/,
  },
  'an uncaught exception from a timer': {
    script: "setTimeout(() => { throw new RangeError('uncaught'); }, 1);",
    code: 1,
    stderr: /RangeError: uncaught/,
  },
  'an uncaught error of a coroutine': {
    script: "run(arithmetic.fail('uncaught'));",
    code: 1,
    // Bun prints what it knows of an error, not its stack.
    // Node ends its lines so on Windows.
    stderr: isBun
      ? /RangeError: uncaught\r?\n[^]*arithmetic\.js/
      : /RangeError: uncaught\r?\n[^]*arithmetic\.js[^]*called by palitra from[^]*main\.mjs/,
  },
  'an unhandled rejection': {
    script: "Promise.reject(new RangeError('unhandled')); setTimeout(() => undefined, 10_000);",
    code: 1,
    stderr: /RangeError: unhandled/,
  },
  'a top-level await that never ends': { script: 'await new Promise(() => undefined);', code: 13 },
  'process.exit() in a callback of a blocked run': {
    script: 'run(callLater(() => process.exit(8)));',
    code: 8,
  },
  'an uncaught exception behind a callback': {
    script: "run(callLater(() => { throw new RangeError('uncaught'); }));",
    code: 1,
    stderr: /RangeError: uncaught/,
  },
};

for (const [road, { script, code, stderr }] of Object.entries(roads)) {
  test(`at ${road}, what is in flight is aborted, then the clean-ups are awaited, the last one first`, async () => {
    const outcome = await runScript(`${prelude}${open}${script}`);
    deepEqual(
      { code: outcome.code, stdout: outcome.stdout, isHung: outcome.isHung },
      { code, stdout: cleanedUp, isHung: false },
    );
    if (stderr !== undefined) match(outcome.stderr, stderr);
    else if (code !== 13) equal(outcome.stderr, '');
  });
}

test('the loop thread of every runner is cleaned up', async () => {
  const { code, stdout, isHung } = await runScript(`${prelude}
    const runners = [new EventLoopThreadRunner(), new EventLoopThreadRunner()];
    runners.forEach((runner, index) => runner.run(shutdown.printAtEnd('runner ' + index)));
    run(shutdown.printAtEnd('global runner'));
    process.exit(3);`);
  deepEqual({ code, isHung }, { code: 3, isHung: false });
  equal(stdout, 'runner 0\nrunner 1\nglobal runner\n');
});

test('a runner that was closed is not cleaned up again', async () => {
  const { code, stdout } = await runScript(`${prelude}
    const runner = new EventLoopThreadRunner();
    runner.run(shutdown.printAtEnd('once'));
    runner.close();
    console.log('closed');`);
  deepEqual({ code, stdout }, { code: 0, stdout: 'once\nclosed\n' });
});

test('process.exit() while a runner is being disposed of asynchronously waits for its clean-up', async () => {
  const { code, stdout, isHung } = await runScript(`${prelude}
    const runner = new EventLoopThreadRunner();
    runner.run(shutdown.printAtEnd('cleaned up'));
    void runner[Symbol.asyncDispose]();
    process.exit(4);`);
  deepEqual({ code, stdout, isHung }, { code: 4, stdout: 'cleaned up\n', isHung: false });
});

test('a runner that nobody holds any more is cleaned up at exit all the same', async () => {
  const { code, stdout } = await runScript(
    `${prelude}
    for (let index = 0; index < 3; index++)
      new EventLoopThreadRunner().run(shutdown.printAtEnd('cleaned up'));
    globalThis.gc();
    process.exit(2);`,
    { nodeArgs: ['--expose-gc'] },
  );
  deepEqual({ code, stdout }, { code: 2, stdout: 'cleaned up\n'.repeat(3) });
});

for (const end of ['', 'process.exit(5);', "throw new Error('uncaught');"]) {
  test(`a worker thread that uses palitra and ends ${end === '' ? 'by itself' : `by ${end}`} cleans up`, async () => {
    const { stdout, isHung } = await runScript(`${prelude}
      import { isMainThread, Worker } from 'node:worker_threads';
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url));
        worker.on('error', () => undefined);
        worker.on('exit', (code) => console.log('exit code', code));
      } else {
        ${open}
        ${end}
      }`);
    const code = end === '' ? 0 : end.includes('5') ? 5 : 1;
    deepEqual({ stdout, isHung }, { stdout: `${cleanedUp}exit code ${code}\n`, isHung: false });
  });
}

test('a process that imported palitra and never used it has nothing to wait for', async () => {
  const { code, stdout, stderr } = await runScript(`
    const before = process.listenerCount('exit');
    await import('palitra');
    await import('palitra/loop');
    const resources = process.getActiveResourcesInfo().filter((name) => /Port|Worker|Time/.test(name));
    console.log(process.listenerCount('exit') - before, resources);`);
  deepEqual({ code, stdout, stderr }, { code: 0, stdout: '0 []\n', stderr: '' });
});
