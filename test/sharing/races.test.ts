import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

async function lines(owner: string, threads: Record<string, string>): Promise<string[]> {
  const { stdout, stderr, isHung, code } = await runThreads(owner, threads);
  deepEqual({ stderr, isHung, code }, { stderr: '', isHung: false, code: 0 }, stdout);
  return stdout.trim().split('\n');
}

/** All threads begin at once: each spins until the last one is there. */
const atOnce = `
  Atomics.add(data.flags, 0, 1);
  while (Atomics.load(data.flags, 0) < data.parties);
`;

test('first use from eight threads at once', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const workers = Array.from({ length: 8 }, () =>
         start('caller', { token: runner.share(), flags, parties: 8 }));
       await Promise.all(workers.map(({ done }) => done));
       await sleep(0);
       console.log(said.sort((a, b) => a - b).join(), runner.run(shared.next()));`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          ${atOnce}
          say(db.run(shared.next()));`,
      },
    ),
    ['1,2,3,4,5,6,7,8 9'],
  );
});

test('runners of eight threads, each of its own, begin and close at once', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const workers = Array.from({ length: 8 }, () => start('caller', { flags, parties: 8 }));
       await Promise.all(workers.map(({ done }) => done));
       await sleep(0);
       console.log(new Set(said).size);`,
      {
        caller: `
          ${atOnce}
          say(run(shared.where()));
          palitra.shutdownGlobalRunner();`,
      },
    ),
    ['8'],
  );
});

test('callers connect and leave, a hundred times each, while others work', async () => {
  deepEqual(
    await lines(
      `const runner = new EventLoopThreadRunner();
       const token = runner.share();
       const comers = [1, 2].map(() => start('comer', { token }));
       const worker = start('worker', { token });
       let wrong = 0;
       let isDone = false;
       void Promise.all([...comers, worker].map(({ done }) => done)).then(() => (isDone = true));
       for (let n = 0; !isDone; n++) {
         if (runner.run(shared.echo(n)) !== n) wrong += 1;
         if (n % 50 === 0) await sleep(0);
       }
       await sleep(0);
       console.log(wrong, said.sort().join());`,
      {
        comer: `
          let right = 0;
          for (let n = 0; n < 100; n++) {
            const db = EventLoopThreadRunner.connect(data.token);
            if (db.run(shared.echo(n)) === n) right += 1;
            db.createTask(shared.never());
            db.close();
          }
          say('comer ' + right);`,
        worker: `
          const db = EventLoopThreadRunner.connect(data.token);
          let right = 0;
          for (let n = 0; n < 5_000; n++) if (db.run(shared.echo({ n })).n === n) right += 1;
          say('worker ' + right);`,
      },
    ),
    ['0 comer 100,comer 100,worker 5000'],
  );
});

for (const road of ['the owner', 'a caller', 'all of them']) {
  test(`close() by ${road} while eight threads call: each call is right or says that it is closed`, async () => {
    deepEqual(
      await lines(
        `const outcomes = new Set();
         for (let round = 0; round < 5; round++) {
           const flags = newFlags();
           const runner = new EventLoopThreadRunner();
           const workers = Array.from({ length: 8 }, (_, index) =>
             start('caller', { token: runner.share(), flags, parties: 9, index }));
           Atomics.add(flags, 0, 1);
           while (Atomics.load(flags, 0) < 9);
           await sleep(2 * round);
           if (${road !== 'a caller'}) runner.close();
           await Promise.all(workers.map(({ done }) => done));
           runner.close();
         }
         await sleep(0);
         for (const text of said) outcomes.add(text);
         console.log([...outcomes].sort().join());`,
        {
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            ${atOnce}
            let wrong = 0;
            let end = 'done';
            try {
              for (let n = 0; n < 2_000; n++) {
                if (db.run(shared.echo(n)) !== n) wrong += 1;
                if (n === 20 * data.index && ${road !== 'the owner'}) db.close();
              }
            } catch (error) {
              end = 'RunnerClosedError,CancelledError'.includes(error.name) ? 'closed' : error.stack;
            }
            say(wrong + ' ' + end);`,
        },
      ),
      ['0 closed'],
    );
  });
}

test('a token of a runner that was closed in the meantime is refused on every thread', async () => {
  deepEqual(
    await lines(
      `const runner = new EventLoopThreadRunner();
       const token = runner.share();
       runner.close();
       const workers = Array.from({ length: 4 }, () => start('caller', token));
       await Promise.all(workers.map(({ done }) => done));
       await sleep(0);
       console.log(said.join());`,
      { caller: `say(nameOf(() => EventLoopThreadRunner.connect(data).run(shared.next())));` },
    ),
    ['RunnerClosedError,RunnerClosedError,RunnerClosedError,RunnerClosedError'],
  );
});
