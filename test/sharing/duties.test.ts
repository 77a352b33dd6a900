import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { linesOfThreads as lines } from '../support/threads.ts';

/** On the loop thread of a runner that is shared: asks its caller, and then computes without end. */
const askAndCompute = `
  const askAndCompute = palitra.coroutine((flags, callback) => {
    setTimeout(() => {
      void callback();
      setImmediate(() => {
        Atomics.store(flags, 1, 1);
        Atomics.notify(flags, 1);
        for (;;);
      });
    }, 20);
    return new Promise(() => undefined);
  });
  const nap = palitra.coroutine((ms) => new Promise((resolve) => setTimeout(() => resolve('rested'), ms)));
`;
/** Has that loop thread replaced, while its owner is blocked for another one. */
const replacer = `
  const db = EventLoopThreadRunner.connect(data.token);
  db.run(shared.echo(1));
  Atomics.store(data.flags, 0, 1);
  Atomics.wait(data.flags, 1, 0);
  nameOf(() => db.run(shared.echo(1), { timeout: 50 }));
  db.run(shared.echo(1));`;

test('a callback that runs in the sleep of a blocked owner may be blocked there as well, and take its reply', async () => {
  deepEqual(
    await lines(
      `${askAndCompute}
       const flags = newFlags();
       const [runner, other] = [new EventLoopThreadRunner(), new EventLoopThreadRunner()];
       start('replacer', { token: runner.share(), flags });
       await raised(flags, 0);
       runner.createTask(askAndCompute(flags, () => console.log('inner', other.run(nap(1_500))))).catch(() => undefined);
       console.log('outer', other.run(nap(1_500)));
       process.exit();`,
      { replacer },
    ),
    ['inner rested', 'outer rested'],
  );
});

test('a callback that runs while its thread joins a loop thread may join it as well', async () => {
  deepEqual(
    await lines(
      `${askAndCompute}
       const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       start('replacer', { token: runner.share(), flags });
       const friend = start('friend', flags);
       const [token] = await once(friend, 'message');
       const joined = EventLoopThreadRunner.connect(token);
       await raised(flags, 0);
       await raised(flags, 2);
       runner.createTask(askAndCompute(flags, () => console.log(joined.run(shared.echo('inner'))))).catch(() => undefined);
       console.log(joined.run(shared.echo('outer')));
       joined.close();
       Atomics.store(flags, 3, 1);
       await friend.done;
       await sleep(0);
       console.log(said.at(-1));
       process.exit();`,
      {
        replacer,
        friend: `
          const db = new EventLoopThreadRunner();
          db.run(shared.echo(1));
          say(db.share());
          db.run(shared.echo(1));
          db.createTask(shared.compute(2_500)).catch(() => undefined);
          Atomics.store(data, 2, 1);
          await raised(data, 3);
          say(nameOf(() => db.run(shared.never())));`,
      },
    ),
    ['inner', 'outer', 'NeverSettledError'],
  );
});

for (const [how, call] of Object.entries({
  'in call after call': 'while (flags[2] === 0) other.run(nap(20));',
  'in a call that calls it back again and again': 'other.run(tick(() => flags[2] === 0));',
})) {
  test(`an owner that is blocked by palitra ${how} hears the callers`, async () => {
    deepEqual(
      await lines(
        `const nap = palitra.coroutine((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
         const tick = palitra.coroutine(async (goesOn) => {
           while (await goesOn()) await new Promise((resolve) => setTimeout(resolve, 20));
         });
         const flags = newFlags();
         const [runner, other] = [new EventLoopThreadRunner(), new EventLoopThreadRunner()];
         const worker = start('caller', { token: runner.share(), flags });
         other.run(nap(1));
         ${call}
         await worker.done;
         await sleep(0);
         console.log(said.join());`,
        {
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            say(nameOf(() => db.run(shared.exit(1, data.flags, 1))));
            say(nameOf(() => db.run(shared.echo('next'))));
            Atomics.store(data.flags, 2, 1);`,
        },
      ),
      ['LoopThreadError,next'],
    );
  });
}
