import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { linesOfThreads as lines } from '../support/threads.ts';

const waitFor = `
  /** Something else keeps its loop alive for a while. */
  const waitFor = palitra.coroutine((flags, ms) => {
    setTimeout(() => undefined, ms);
    Atomics.store(flags, 1, 1);
    return new Promise((resolve) => (globalThis.bring = resolve));
  });
`;

test('a thread that connects once more while the loop is still alive may bring it', async () => {
  deepEqual(
    await lines(
      `${waitFor}
       const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const worker = start('caller', { token: runner.share(), flags });
       await raised(flags, 0);
       console.log(nameOf(() => runner.run(waitFor(flags, 300))));
       await worker.done;`,
      {
        caller: `
          EventLoopThreadRunner.connect(data.token).close();
          Atomics.store(data.flags, 0, 1);
          await raised(data.flags, 1);
          await sleep(100);
          const db = EventLoopThreadRunner.connect(data.token);
          await sleep(1_500);
          db.run(palitra.coroutine(() => globalThis.bring('brought'))());`,
      },
    ),
    ['brought'],
  );
});

test('who joins while the others are stranded, and is stranded at once, is told with them', async () => {
  deepEqual(
    await lines(
      `/** A loop thread that is slow between two of its promises, as one with an agent that traces them. */
       const setUp = palitra.coroutine(async (flags) => {
         const { createHook } = await import('node:async_hooks');
         let isSlow = false;
         setTimeout(() => undefined, 2_000);
         setTimeout(() => (isSlow = false), 1_500);
         setTimeout(() => ((isSlow = true), Atomics.store(flags, 1, 1)), 200);
         const before = () => {
           const end = performance.now() + 2;
           while (isSlow && performance.now() < end);
         };
         createHook({ before }).enable();
       });
       const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const worker = start('caller', { token: runner.share(), flags });
       await raised(flags, 0);
       runner.run(setUp(flags));
       console.log(nameOf(() => runner.run(shared.never())));
       await worker.done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          EventLoopThreadRunner.connect(data.token).close();
          Atomics.store(data.flags, 0, 1);
          await raised(data.flags, 1);
          say(nameOf(() => EventLoopThreadRunner.connect(data.token).run(shared.never())));`,
      },
    ),
    ['NeverSettledError', 'NeverSettledError'],
  );
});
