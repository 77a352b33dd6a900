import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { linesOfThreads as lines } from '../support/threads.ts';

/** What a connected thread does before it closes its runner, and lives on. */
const before = {
  'with a callback that it has not taken yet': `
    const ask = palitra.coroutine(async (flags, callback) => {
      const { getSignal } = await import('palitra/loop');
      getSignal().addEventListener('abort', () => Atomics.store(flags, 5, 1));
      void callback().catch(() => undefined);
      return new Promise(() => undefined);
    });
    db.createTask(ask(data.flags, () => 'answer')).catch(() => undefined);
    Atomics.wait(data.flags, 9, 0, 200);`,
  'after it has given up a loop thread that computed, and recovers': `
    nameOf(() => {
      for (const _ of db.iterate(shared.numbers(1_000), { highWaterMark: 4 })) {
        nameOf(() => db.run(shared.compute(1_500), { timeout: 100 }));
        break;
      }
    });
    Atomics.store(data.flags, 5, 1);`,
};

for (const [when, code] of Object.entries(before)) {
  test(`who closes ${when} has left`, async () => {
    deepEqual(
      await lines(
        `const flags = newFlags();
         const runner = new EventLoopThreadRunner();
         start('caller', { token: runner.share(), flags });
         await raised(flags, 1);
         console.log(nameOf(() => runner.run(shared.never())));
         console.log(flags[5]);
         process.exit();`,
        {
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            db.run(shared.echo(1));
            ${code}
            db.close();
            Atomics.store(data.flags, 1, 1);
            setInterval(() => undefined, 1_000);`,
        },
      ),
      ['NeverSettledError', '1'],
    );
  });
}

test('who slept over sixteen loop threads and closes does not take a wake-up away from the seventeenth', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       start('caller', { token: runner.share(), flags });
       await raised(flags, 0);
       const die = palitra.coroutine(() => {
         setImmediate(() => process.exit());
         return new Promise(() => undefined);
       });
       for (let i = 0; i < 16; i++) nameOf(() => runner.run(die()));
       runner.run(shared.echo(1));
       await sleep(50);
       Atomics.store(flags, 1, 1);
       Atomics.notify(flags, 1);
       await raised(flags, 2);
       // Otherwise it is woken by its look after its callers, once a second.
       const times = [1, 2, 3].map(() => {
         const begin = performance.now();
         runner.run(shared.echo(1));
         return performance.now() - begin;
       });
       console.log(Math.max(...times) < 500);
       process.exit();`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          db.run(shared.echo(1));
          Atomics.store(data.flags, 0, 1);
          Atomics.wait(data.flags, 1, 0);
          db.close();
          Atomics.store(data.flags, 2, 1);`,
      },
    ),
    ['true'],
  );
});
