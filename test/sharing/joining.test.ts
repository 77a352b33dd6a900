import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { linesOfThreads as lines } from '../support/threads.ts';

test('a runner that is closed while its loop thread begins is closed for who joins it', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const worker = start('caller', flags);
       await raised(flags, 0);
       const runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
       worker.postMessage(runner.share());
       Atomics.wait(flags, 1, 0);
       Atomics.wait(flags, 5, 0, 5);
       runner.close();
       await worker.done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          const message = once(parentPort, 'message');
          Atomics.store(data, 0, 1);
          const [token] = await message;
          const db = EventLoopThreadRunner.connect(token);
          Atomics.store(data, 1, 1);
          Atomics.notify(data, 1);
          say(nameOf(() => db.run(shared.echo(1))));`,
      },
    ),
    ['RunnerClosedError'],
  );
});

test('with a signal that is aborted already nobody waits for a loop thread that computes', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
       const worker = start('caller', { token: runner.share(), flags });
       await raised(flags, 0);
       runner.createTask(shared.compute(60_000)).catch(() => undefined);
       await worker.done;
       await sleep(0);
       console.log(said.join());
       process.exit();`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          Atomics.store(data.flags, 0, 1);
          await sleep(300);
          const signal = AbortSignal.abort(new RangeError('stop'));
          say(nameOf(() => db.run(shared.echo(1), { signal })));
          say(nameOf(() => db.gather([shared.echo(1)], { signal })));
          say(nameOf(() => db.createTask(shared.echo(1), { signal })));`,
      },
    ),
    ['RangeError,RangeError,RangeError'],
  );
});

test('what has ended on a shared loop thread that dies is no loss for an owner who is blocked meanwhile', async () => {
  deepEqual(
    await lines(
      `const nap = palitra.coroutine((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
       const last = palitra.coroutine(() => {
         setTimeout(() => process.exit(), 50);
         return 'the result';
       });
       const [runner, other] = [new EventLoopThreadRunner(), new EventLoopThreadRunner()];
       runner.share();
       other.run(nap(1));
       const task = runner.createTask(last());
       other.run(nap(600));
       console.log(nameOf(() => task.result()));`,
      {},
    ),
    ['the result'],
  );
});

test('a loop thread that follows one that has died is not taken for it by who was blocked for that', async () => {
  deepEqual(
    await lines(
      `/** On the loop thread of B: blocked for A, in a callback, while A ends. */
       const callBack = palitra.coroutine(async (token, flags) => {
         const { coroutine, EventLoopThreadRunner } = await import('palitra');
         const ask = coroutine((callback) => {
           void callback();
           setTimeout(() => process.exit(), 20);
           return new Promise(() => undefined);
         });
         const callback = () => {
           Atomics.store(flags, 0, 1);
           const end = performance.now() + 1_500;
           while (performance.now() < end);
         };
         try {
           EventLoopThreadRunner.connect(token).run(ask(callback));
         } catch (error) {
           return error.name;
         }
       });
       const flags = newFlags();
       const [a, b] = [new EventLoopThreadRunner(), new EventLoopThreadRunner()];
       const [tokenA, tokenB] = [a.share(), b.share()];
       const task = b.createTask(callBack(tokenA, flags));
       await raised(flags, 0);
       while (a.isAlive) await sleep(10);
       await sleep(100);
       console.log(typeof a.run(shared.chain([tokenB])), task.result());
       process.exit();`,
      {},
    ),
    ['number LoopThreadError'],
  );
});
