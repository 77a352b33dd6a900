import { test } from 'node:test';
import { deepEqual, match, ok } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const prelude = `
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, run } from 'palitra';
  const arithmetic = coroutines('./arithmetic.js', import.meta);
  const parking = coroutines('./parking.js', import.meta);
  const shutdown = coroutines('./shutdown.js', import.meta);
`;

const hanging: readonly (readonly [hangs: string, road: string, code: number])[] = [
  ['hangAtEnd', '', 0],
  ['hangAtEnd', 'process.exit(5);', 5],
  ['computeAtEnd', "throw new Error('uncaught');", 1],
];
for (const [hangs, road, code] of hanging) {
  test(`at ${road || 'the end of the program'} an onShutdown function like ${hangs} is waited for as long as shutdownTimeout`, async () => {
    const outcome = await runScript(`${prelude}
      const runner = new EventLoopThreadRunner({ shutdownTimeout: 300 });
      runner.run(shutdown.printAtEnd('too late'));
      runner.run(shutdown.${hangs}());
      console.log('end');
      ${road}`);
    deepEqual(
      { code: outcome.code, stdout: outcome.stdout, isHung: outcome.isHung },
      { code, stdout: 'end\n', isHung: false },
    );
    ok(outcome.ms >= 300);
  });
}

for (const fails of ['throwAtEnd', 'rejectAtEnd']) {
  test(`an onShutdown function like ${fails} is reported, and the others are called`, async () => {
    const { code, stdout, stderr, isHung } = await runScript(`${prelude}
      run(shutdown.printAtEnd('registered first'));
      run(shutdown.${fails}('clean-up failed'));
      run(shutdown.printAtEnd('registered last'));
      process.exit(5);`);
    deepEqual(
      { code, stdout, isHung },
      { code: 5, stdout: 'registered last\nregistered first\n', isHung: false },
    );
    match(stderr, /Error: clean-up failed/);
  });
}

test('an onShutdown function that fails is given to onUnhandledError, where there is one', async () => {
  const { code, stdout, stderr } = await runScript(`${prelude}
    const runner = new EventLoopThreadRunner({ onUnhandledError: (error) => console.log(error.message) });
    runner.run(shutdown.throwAtEnd('clean-up failed'));`);
  deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'clean-up failed\n', stderr: '' });
});

test('an onShutdown function that calls process.exit ends its thread, not the exit code', async () => {
  const { code, stdout, isHung } = await runScript(`${prelude}
    run(shutdown.printAtEnd('never called'));
    run(shutdown.exitAtEnd(9));
    run(shutdown.printAtEnd('called'));
    process.exitCode = 5;`);
  deepEqual({ code, stdout, isHung }, { code: 5, stdout: 'called\n', isHung: false });
});

test('an onShutdown function may register another one', async () => {
  const { code, stdout, isHung } = await runScript(`${prelude}
    run(shutdown.printAtEnd('first'));
    run(shutdown.registerAtEnd('registered meanwhile'));`);
  deepEqual(
    { code, stdout, isHung },
    { code: 0, stdout: 'registered meanwhile\nfirst\n', isHung: false },
  );
});

test('an onShutdown function may still use the network of the loop thread', async () => {
  const { code, stdout, isHung } = await runScript(`${prelude}
    const serve = coroutine(async () => {
      const { createServer } = await import('node:http');
      const { onShutdown } = await import('palitra/loop');
      const server = createServer((_, response) => response.end('still here'));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      onShutdown(async () => {
        const response = await fetch('http://127.0.0.1:' + server.address().port);
        console.log(await response.text());
      });
    });
    run(serve());
    process.exit(0);`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: 'still here\n', isHung: false });
});

test('a coroutine that was aborted and does not react is not waited for', async () => {
  const { code, isHung, stdout } = await runScript(`${prelude}
    const runner = new EventLoopThreadRunner({ shutdownTimeout: 3_600_000 });
    runner.run(shutdown.printAtEnd('cleaned up'));
    runner.createTask(parking.parkDeaf());
    runner.run(arithmetic.add(1, 2));`);
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: 'cleaned up\n', isHung: false });
});

test('a coroutine that computes without end is waited for as long as shutdownTimeout', async () => {
  const { code, isHung, ms } = await runScript(`${prelude}
    const runner = new EventLoopThreadRunner({ shutdownTimeout: 300 });
    const flags = new Int32Array(new SharedArrayBuffer(16));
    runner.createTask(parking.compute(flags));
    Atomics.wait(flags, 0, 0);`);
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  ok(ms >= 300);
});

test('a loop thread that is dead already is not waited for', async () => {
  const { code, stdout, isHung } = await runScript(`${prelude}
    const runner = new EventLoopThreadRunner({ shutdownTimeout: 3_600_000 });
    try { runner.run(parking.exit(3)); } catch (error) { console.log(error.exitCode); }
    process.exit(2);`);
  deepEqual({ code, stdout, isHung }, { code: 2, stdout: '3\n', isHung: false });
});

test('a loop thread that is still starting is ended without a fuss', async () => {
  const { code, stdout, stderr, isHung } = await runScript(`${prelude}
    new EventLoopThreadRunner().getLoop();
    createTask(parking.park());
    process.exit(2);`);
  deepEqual({ code, stdout, stderr, isHung }, { code: 2, stdout: '', stderr: '', isHung: false });
});

test('who is blocked for a loop thread that exits does not wait for the clean-up of what that owns; the end of the process does', async () => {
  const { stdout, isHung } = await runScript(
    `import { coroutine, EventLoopThreadRunner } from 'palitra';
     const work = coroutine(async (flags) => {
       const { coroutine, EventLoopThreadRunner } = await import('palitra');
       const inner = coroutine(async (flags) => {
         const { onShutdown } = await import('palitra/loop');
         onShutdown(async () => {
           while (flags[0] === 0) await new Promise((resolve) => setTimeout(resolve, 10));
           console.log('cleaned up');
         });
       });
       new EventLoopThreadRunner({ shutdownTimeout: 60_000 }).run(inner(flags));
       setTimeout(() => process.exit(3), 50);
       return new Promise(() => undefined);
     });
     const runner = new EventLoopThreadRunner();
     const flags = new Int32Array(new SharedArrayBuffer(4));
     try {
       runner.run(work(flags));
     } catch (error) {
       console.log(error.name, error.exitCode);
     }
     console.log(runner.run(coroutine(async () => 'next')()));
     // The clean-up waits for this.
     flags[0] = 1;
     process.exit();`,
  );
  deepEqual({ stdout, isHung }, { stdout: 'LoopThreadError 3\nnext\ncleaned up\n', isHung: false });
});
