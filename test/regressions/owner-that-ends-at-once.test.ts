/**
 * The owner's thread was terminated before its loop thread had begun: nobody was left to mark that one as
 * lost, it had not shown its life mark yet, and a caller that was about to join it slept for ever.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

for (const [what, call] of Object.entries({
  run: 'nameOf(() => db.run(shared.echo(1)))',
  createTask: 'nameOf(() => db.createTask(shared.echo(1)))',
  'getLoop()': 'nameOf(() => db.getLoop())',
})) {
  for (const [owner, rest] of Object.entries({
    owner: 'while (true);',
    'idle owner': 'setInterval(() => {}, 1000);',
  })) {
    test(`${what} on a thread that joins a loop thread whose ${owner} is gone already ends with an error`, async () => {
      const { stdout, stderr, isHung } = await runThreads(
        `
        const owner = start('owner');
        while (said.length === 0) await sleep(1);
        const token = said.pop();
        await owner.terminate();
        const caller = start('caller', token);
        await caller.done;
        await sleep(0);
        console.log(said.join());`,
        {
          owner: `
            // Its code never comes: the loop thread never opens its door.
            const runner = new EventLoopThreadRunner({ workerUrl: new URL('data:text/javascript,await new Promise(() => setInterval(() => {}, 1000))') });
            say(runner.share());
            ${rest}`,
          caller: `
            const db = EventLoopThreadRunner.connect(data);
            const start = performance.now();
            say(${call});
            // And not only after the ten seconds for which an owner is waited for that is busy.
            say(performance.now() - start < 8_000);`,
        },
      );
      deepEqual(
        { stdout, stderr, isHung },
        { stdout: 'LoopThreadError,true\n', stderr: '', isHung: false },
      );
    });
  }
}
