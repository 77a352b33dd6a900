import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

test('the time that a thread has waited for a loop thread to be joined counts', async () => {
  const { stdout, isHung } = await runThreads(
    `const flags = newFlags();
     const runner = new EventLoopThreadRunner();
     const worker = start('caller', { token: runner.share(), flags });
     await raised(flags, 0);
     runner.createTask(shared.compute(3_000, flags)).catch(() => undefined);
     await worker.done;
     await sleep(0);
     console.log(said.join());
     process.exit();`,
    {
      caller: `
        const db = EventLoopThreadRunner.connect(data.token);
        Atomics.store(data.flags, 0, 1);
        await raised(data.flags, 0);
        await sleep(300);
        // It is joined after 2.7 s, and 3.5 s from then on would be 6.2.
        const begin = performance.now();
        say(nameOf(() => db.run(shared.wait(newFlags()), { timeout: 3_500 })));
        say(performance.now() - begin < 6_000);`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'TimeoutError,true\n', isHung: false });
});
