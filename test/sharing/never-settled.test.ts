import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

async function lines(owner: string, threads: Record<string, string>): Promise<string[]> {
  const { stdout, stderr, isHung, code } = await runThreads(owner, threads);
  deepEqual({ stderr, isHung, code }, { stderr: '', isHung: false, code: 0 }, stdout);
  return stdout.trim().split('\n');
}

test('when all callers are blocked in what can never come, all are told', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const workers = [1, 2].map(() => start('caller', { token: runner.share(), flags }));
       console.log(nameOf(() => runner.run(shared.never(flags))));
       await Promise.all(workers.map(({ done }) => done));
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `say(nameOf(() => EventLoopThreadRunner.connect(data.token).run(shared.never(data.flags))));`,
      },
    ),
    ['NeverSettledError', 'NeverSettledError,NeverSettledError'],
  );
});

test('a token that nobody has used yet may bring what is waited for', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const worker = start('caller', { token: runner.share(), flags });
       console.log(runner.run(shared.wait(flags)));
       await worker.done;`,
      {
        caller: `
          await raised(data.flags, 0);
          await sleep(300);
          EventLoopThreadRunner.connect(data.token).run(shared.release());`,
      },
    ),
    ['released'],
  );
});

/** What a thread has done with its token before the owner blocks. */
const acquaintances = {
  'that is connected and at work elsewhere': 'db.run(shared.echo(1));',
  'that has connected and never called yet': '',
};
for (const [who, firstCall] of Object.entries(acquaintances)) {
  test(`a thread ${who} may bring it`, async () => {
    deepEqual(
      await lines(
        `const flags = newFlags();
         const runner = new EventLoopThreadRunner();
         const worker = start('caller', { token: runner.share(), flags });
         await raised(flags, 1);
         console.log(runner.run(shared.wait(flags)));
         await worker.done;`,
        {
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            ${firstCall}
            Atomics.store(data.flags, 1, 1);
            await raised(data.flags, 0);
            await sleep(300);
            db.run(shared.release());`,
        },
      ),
      ['released'],
    );
  });
}

for (const [leave, code] of Object.entries({
  'by close()': 'db.close(); await sleep(100);',
  'without a word': "parentPort.postMessage('now'); while (true);",
})) {
  test(`when the last one who could have brought it leaves ${leave}, the others are told`, async () => {
    deepEqual(
      await lines(
        `const flags = newFlags();
         const runner = new EventLoopThreadRunner();
         const worker = start('caller', { token: runner.share(), flags });
         await raised(flags, 1);
         if (${leave === 'by close()'}) console.log(nameOf(() => runner.run(shared.never(flags))));
         else {
           const task = start('blocked', { token: runner.share(), flags });
           await raised(flags, 0);
           await worker.terminate();
           // This thread has to be blocked in it as well.
           console.log(nameOf(() => runner.run(shared.never())));
           await task.done;
         }`,
        {
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            db.run(shared.echo(1));
            Atomics.store(data.flags, 1, 1);
            ${leave === 'by close()' ? 'await raised(data.flags, 0);' : ''}
            ${code}`,
          blocked: `nameOf(() => EventLoopThreadRunner.connect(data.token).run(shared.never(data.flags)));`,
        },
      ),
      ['NeverSettledError'],
    );
  });
}

/** What such a thread had done, and what has happened since. */
const departed = {
  'had connected and never called': ['', ''],
  'had called an earlier loop thread': [
    'db.run(shared.echo(1));',
    'nameOf(() => runner.run(shared.exit(1, newFlags(), 0))); runner.run(shared.echo(1));',
  ],
};
for (const [what, [call, since]] of Object.entries(departed)) {
  test(`a thread that ${what}, and ended without a word, is not waited for`, async () => {
    deepEqual(
      await lines(
        `const flags = newFlags();
         const runner = new EventLoopThreadRunner();
         const worker = start('caller', { token: runner.share(), flags });
         await raised(flags, 1);
         ${since}
         await worker.terminate();
         console.log(nameOf(() => runner.run(shared.never(newFlags()))));`,
        {
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            ${call}
            Atomics.store(data.flags, 1, 1);
            setInterval(() => db, 1_000);`,
        },
      ),
      ['NeverSettledError'],
    );
  });
}

for (const [how, code] of Object.entries({
  'has joined its own runner': 'db.run(shared.never())',
  'has joined its own runner, and uses that': 'joined.run(shared.never())',
  'has called its own runner both ways': '(joined.run(shared.echo(1)), db.run(shared.never()))',
  'has joined it twice': '(again.run(shared.echo(1)), joined.run(shared.never()))',
})) {
  test(`an owner that ${how} is one thread: what never settles is found`, async () => {
    const { stdout, isHung } = await runThreads(
      `const db = new EventLoopThreadRunner();
       const joined = EventLoopThreadRunner.connect(db.share());
       const again = EventLoopThreadRunner.connect(joined.share());
       console.log(nameOf(() => ${code}));`,
      {},
    );
    deepEqual({ stdout, isHung }, { stdout: 'NeverSettledError\n', isHung: false });
  });

  test(`a thread that ${how.replace('its own runner', 'the runner of another')} counts once`, async () => {
    const { stdout, isHung } = await runThreads(
      `const flags = newFlags();
       const owner = new EventLoopThreadRunner();
       const worker = start('caller', { token: owner.share(), flags });
       await raised(flags, 0);
       said.push(nameOf(() => owner.run(shared.never())));
       await worker.done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          const joined = EventLoopThreadRunner.connect(db.share());
          const again = EventLoopThreadRunner.connect(joined.share());
          Atomics.store(data.flags, 0, 1);
          say(nameOf(() => ${code}));
          again.close();
          joined.close();`,
      },
    );
    deepEqual(
      { stdout, isHung },
      { stdout: 'NeverSettledError,NeverSettledError\n', isHung: false },
    );
  });
}
