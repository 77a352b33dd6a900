import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const prelude = `
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, iterate, run } from 'palitra';
  const arithmetic = coroutines('./arithmetic.js', import.meta);
  const parking = coroutines('./parking.js', import.meta);
  const shutdown = coroutines('./shutdown.js', import.meta);
  const callLater = coroutine(async (callback) => callback());
  const items = coroutine(async function* () { yield 1; yield 2; });
`;

async function check(script: string, stdout: string, code = 0): Promise<void> {
  const outcome = await runScript(`${prelude}${script}`);
  deepEqual(
    {
      code: outcome.code,
      stdout: outcome.stdout,
      stderr: outcome.stderr,
      isHung: outcome.isHung,
    },
    { code, stdout, stderr: '', isHung: false },
  );
}

test('run in an exit handler that was there before the first call uses the loop thread as it is', async () => {
  await check(
    `
    process.on('exit', () => console.log('handler', run(arithmetic.count())));
    run(shutdown.printAtEnd('cleaned up'));
    console.log(run(arithmetic.count()));
    process.exit(5);`,
    '1\nhandler 2\ncleaned up\n',
    5,
  );
});

test('run in an exit handler that was added after the first call uses a new loop thread', async () => {
  await check(
    `
    run(shutdown.printAtEnd('cleaned up'));
    console.log(run(arithmetic.count()));
    process.on('exit', () => console.log('handler', run(arithmetic.count())));`,
    '1\ncleaned up\nhandler 1\n',
  );
});

test('a handle that is got in an exit handler is of use until it is disposed of, and clean-ups are awaited', async () => {
  await check(
    `
    const { URL } = coroutines('node:url');
    run(arithmetic.count());
    process.on('exit', () => {
      const url = run(new URL('http://localhost:8080/a'));
      run(shutdown.printAtEnd('cleaned up'));
      console.log(run(url.toString()), run(arithmetic.count()));
      url[Symbol.dispose]();
      console.log('end of the handler');
    });`,
    'http://localhost:8080/a 1\ncleaned up\nend of the handler\n',
  );
});

const before = "run(arithmetic.add(1, 2)); process.on('exit', handler);";
const first = "process.on('exit', handler);";

for (const [title, rest] of [
  ['added after the first call', before],
  ['that makes the first call of all', first],
] as const) {
  test(`in an exit handler ${title}, clean-ups are awaited`, async () => {
    await check(
      `
      function handler() {
        run(shutdown.printAtEnd('cleaned up'));
        console.log('end of handler');
      }
      ${rest}`,
      'cleaned up\nend of handler\n',
    );
  });

  test(`in an exit handler ${title}, clean-ups are awaited though the coroutine fails`, async () => {
    await check(
      `
      const registerAndFail = coroutine(async () => {
        const { onShutdown } = await import('palitra/loop');
        onShutdown(() => console.log('cleaned up'));
        throw new RangeError('no');
      });
      function handler() {
        try { run(registerAndFail()); } catch (error) { console.log(error.message); }
      }
      ${rest}`,
      'cleaned up\nno\n',
    );
  });

  test(`in an exit handler ${title}, a callback may call run`, async () => {
    await check(
      `
      function handler() {
        const outer = run(callLater(() => run(arithmetic.add(1, run(arithmetic.add(2, 3))))));
        console.log(outer);
      }
      ${rest}`,
      '6\n',
    );
  });

  test(`in an exit handler ${title}, tasks, gather and iterate work, and clean-ups are awaited`, async () => {
    await check(
      `
      function handler() {
        const task = createTask(parking.soon('task'));
        console.log(run(arithmetic.add(1, 2)), task.result());
        console.log(gather(parking.soon(1), parking.soon(2)), [...iterate(items())]);
        const runner = new EventLoopThreadRunner();
        console.log(runner.createTask(shutdown.printAtEnd('cleaned up')).result());
      }
      ${rest}`,
      '3 task\n[ 1, 2 ] [ 1, 2 ]\ncleaned up\nundefined\n',
    );
  });
}

test('run in the handler of an uncaught exception works', async () => {
  await check(
    `
    process.on('uncaughtException', (error) => {
      console.log(error.message, run(arithmetic.add(1, 2)));
      process.exit(3);
    });
    run(shutdown.printAtEnd('cleaned up'));
    throw new Error('uncaught');`,
    'uncaught 3\ncleaned up\n',
    3,
  );
});

test('run in a beforeExit handler works, and does not keep the process alive', async () => {
  await check(
    `
    process.once('beforeExit', () => console.log(run(arithmetic.count())));
    run(shutdown.printAtEnd('cleaned up'));
    console.log(run(arithmetic.count()));`,
    '1\n2\ncleaned up\n',
  );
});
