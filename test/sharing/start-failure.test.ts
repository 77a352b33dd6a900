import { test } from 'node:test';
import { deepEqual, ok } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

/** How a loop thread cannot be started, by the file that it is given and how that is spoilt. */
const failures = {
  'whose code is gone': { spoil: 'unlinkSync(file)', expected: 'cannot be started' },
  'whose code throws': {
    spoil: "writeFileSync(file, 'throw 7')",
    expected: 'ended before it had begun',
  },
};

for (const [failure, { spoil, expected }] of Object.entries(failures)) {
  for (const owner of ['blocked', 'awaiting']) {
    test(`a loop thread ${failure} is a LoopStartError for who has joined, and the next call works once it is mended; the owner is ${owner}`, async () => {
      const { stdout, code, isHung } = await runThreads(
        `const { copyFileSync, unlinkSync, writeFileSync } = await import('node:fs');
         const { fileURLToPath } = await import('node:url');
         const url = new URL('loop.mjs', import.meta.url);
         const file = fileURLToPath(url);
         const mend = () => copyFileSync(fileURLToPath(import.meta.resolve('palitra/worker')), file);
         mend();
         const runner = new EventLoopThreadRunner({ workerUrl: url });
         const flags = newFlags();
         const elsewhere = new EventLoopThreadRunner();
         const onFlag = async (flags, index) => {
           while (Atomics.load(flags, index) < 1) await new Promise((resolve) => setTimeout(resolve, 1));
         };
         const untilRaised = (index) => ${
           owner === 'blocked'
             ? 'elsewhere.run(palitra.coroutine(onFlag)(flags, index))'
             : 'raised(flags, index)'
         };
         const raise = (index) => { Atomics.store(flags, index, 1); Atomics.notify(flags, index); };
         const caller = start('caller', { token: runner.share(), flags });
         await untilRaised(1);
         ${spoil};
         raise(2);
         await untilRaised(3);
         mend();
         raise(4);
         await caller.done;
         await sleep(0);
         console.log(said.join('\\n'));`,
        {
          caller: `
            const raise = (index) => { Atomics.store(data.flags, index, 1); Atomics.notify(data.flags, index); };
            const db = EventLoopThreadRunner.connect(data.token);
            say(db.run(shared.echo('works')));
            raise(1);
            Atomics.wait(data.flags, 2, 0);
            say(nameOf(() => db.run(shared.exit(0, data.flags, 1))));
            // Who waited for a loop thread that does not begin would do so for 10 s.
            const start = performance.now();
            for (let i = 0; i < 2; i++) {
              try {
                say(db.run(shared.echo('impossible')));
              } catch ({ name, message }) {
                say(name + ': ' + message);
              }
            }
            say(performance.now() - start < 9_000 ? 'at once' : performance.now() - start);
            raise(3);
            Atomics.wait(data.flags, 4, 0);
            say(db.run(shared.echo('works again')));`,
        },
      );
      deepEqual({ code, isHung }, { code: 0, isHung: false }, stdout);
      const said = stdout.trim().split('\n');
      for (const line of said.splice(2, 2))
        ok(line.startsWith(`LoopStartError: The loop thread "palitra" ${expected}.`), line);
      deepEqual(said, ['works', 'LoopThreadError', 'at once', 'works again']);
    });
  }
}

test('a loop thread that has never begun is a LoopStartError for who joins', async () => {
  const { stdout, isHung } = await runThreads(
    `const runner = new EventLoopThreadRunner({ workerUrl: new URL('data:text/javascript,throw 7') });
     const caller = start('caller', { token: runner.share() });
     await caller.done;
     await sleep(0);
     console.log(said.join('\\n'));`,
    {
      caller: `
        const db = EventLoopThreadRunner.connect(data.token);
        say(nameOf(() => db.run(shared.echo(1))));
        say(nameOf(() => db.gather(shared.echo(1))));
        try { await db.createTask(shared.echo(1)); } catch ({ name }) { say(name); }`,
    },
  );
  deepEqual({ isHung, stdout }, { isHung: false, stdout: 'LoopStartError\n'.repeat(3) });
});

test('loop threads that die as soon as they have begun are a LoopThreadError for who joins', async () => {
  const { stdout, isHung } = await runThreads(
    `const { writeFileSync } = await import('node:fs');
     const url = new URL('dies.mjs', import.meta.url);
     writeFileSync(url, "import 'palitra/worker'; process.exit(5);");
     const runner = new EventLoopThreadRunner({ workerUrl: url });
     const caller = start('caller', { token: runner.share() });
     await caller.done;
     await sleep(0);
     console.log(said.join('\\n'));`,
    {
      caller: `
        const db = EventLoopThreadRunner.connect(data.token);
        say(nameOf(() => db.run(shared.echo(1))));
        try { await db.createTask(shared.echo(1)); } catch ({ name }) { say(name); }`,
    },
  );
  deepEqual({ isHung, stdout }, { isHung: false, stdout: 'LoopThreadError\n'.repeat(2) });
});
