import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

test('a token from which several runners were made does not stand for one that nobody has used yet', async () => {
  const { stdout, isHung } = await runThreads(
    `const flags = newFlags();
     const runner = new EventLoopThreadRunner();
     await start('often', runner.share()).done;
     const worker = start('caller', { token: runner.share(), flags });
     console.log(nameOf(() => runner.run(shared.wait(flags))));
     await worker.done;`,
    {
      often: `
        for (let i = 0; i < 3; i++) {
          const db = EventLoopThreadRunner.connect(data);
          db.run(shared.echo(i));
          db.close();
        }`,
      caller: `
        await raised(data.flags, 0);
        await sleep(300);
        EventLoopThreadRunner.connect(data.token).run(shared.release());`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'released\n', isHung: false });
});
