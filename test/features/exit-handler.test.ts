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

test('run in an exit handler that was added after the first call uses the loop thread as it is, too', async () => {
  await check(
    `
    run(shutdown.printAtEnd('cleaned up'));
    console.log(run(arithmetic.count()));
    process.on('exit', () => console.log('handler', run(arithmetic.count())));`,
    '1\nhandler 2\ncleaned up\n',
  );
});

for (const [title, end, code] of [
  ['at the end of the program', '', 0],
  ['with process.exit() in the same breath', 'process.exit(4);', 4],
  ['with process.exit() later', 'setTimeout(() => process.exit(4), 1);', 4],
  [
    'after an uncaught error',
    'process.on("uncaughtException", () => process.exit(4)); throw new Error();',
    4,
  ],
] as const) {
  test(`each exit handler has the state and the handles of before, and clean-ups come last: ${title}`, async () => {
    await check(
      `
      const { URL } = coroutines('node:url');
      const url = run(new URL('http://localhost:8080/a'));
      run(shutdown.printAtEnd('cleaned up'));
      run(arithmetic.count());
      process.on('exit', (code) => console.log('first', code, run(arithmetic.count()), run(arithmetic.count())));
      process.once('exit', () => console.log('second', run(url.toString())));
      ${end}`,
      `first ${code} 2 3\nsecond http://localhost:8080/a\ncleaned up\n`,
      code,
    );
  });
}

test('an exit handler that throws in the same breath as process.exit() loses no clean-up', async () => {
  const outcome = await runScript(`${prelude}
    run(shutdown.printAtEnd('cleaned up'));
    process.on('exit', () => { throw new RangeError('in the handler'); });
    process.exit(3);`);
  deepEqual(
    {
      stdout: outcome.stdout,
      isHung: outcome.isHung,
      told: outcome.stderr.includes('in the handler'),
    },
    { stdout: 'cleaned up\n', isHung: false, told: true },
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
    'http://localhost:8080/a 2\nend of the handler\ncleaned up\n',
  );
});

const before = "run(arithmetic.add(1, 2)); process.on('exit', handler);";
const first = "process.on('exit', handler);";

for (const [title, rest, isLast] of [
  ['added after the first call', before, true],
  // Nothing tells palitra of the end of that handler: what is idle is closed.
  ['that makes the first call of all', first, false],
] as const) {
  test(`in an exit handler ${title}, clean-ups are awaited`, async () => {
    await check(
      `
      function handler() {
        run(shutdown.printAtEnd('cleaned up'));
        console.log('end of handler');
      }
      ${rest}`,
      isLast ? 'end of handler\ncleaned up\n' : 'cleaned up\nend of handler\n',
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
      isLast ? 'no\ncleaned up\n' : 'cleaned up\nno\n',
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
      isLast
        ? '3 task\n[ 1, 2 ] [ 1, 2 ]\nundefined\ncleaned up\n'
        : '3 task\n[ 1, 2 ] [ 1, 2 ]\ncleaned up\nundefined\n',
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
