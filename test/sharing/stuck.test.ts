import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

for (const owner of ['awaiting', 'blocked']) {
  test(`a loop thread that computes without end is replaced for a thread that is connected, its owner is ${owner}`, async () => {
    const { stdout, isHung } = await runThreads(
      `process.on('warning', () => undefined);
       const runner = new EventLoopThreadRunner();
       const other = new EventLoopThreadRunner({ neverSettled: 'wait' });
       const flags = newFlags();
       const worker = start('caller', { token: runner.share(), otherToken: other.share(), flags });
       ${owner === 'blocked' ? 'other.run(shared.wait(flags));' : ''}
       await worker.done;
       await sleep(0);
       console.log(said.join(), runner.run(shared.echo('the owner as well')));`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          db.run(shared.echo(1));
          const task = db.createTask(shared.never());
          say(nameOf(() => db.run(shared.compute(60_000), { timeout: 100 })));
          say(db.run(shared.echo('next')));
          say(nameOf(() => task.result()));
          ${owner === 'blocked' ? 'EventLoopThreadRunner.connect(data.otherToken).run(shared.release());' : ''}`,
      },
      { nodeArgs: ['--no-warnings'] },
    );
    deepEqual(
      { stdout, isHung },
      { stdout: 'TimeoutError,next,LoopThreadError the owner as well\n', isHung: false },
    );
  });
}
