import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import type { ChildOptions } from '../support/child.ts';
import { isDeno } from '../support/runtime.ts';
import { runThreads } from '../support/threads.ts';

async function lines(
  owner: string,
  threads: Record<string, string>,
  options?: ChildOptions,
): Promise<string[]> {
  const { stdout, stderr, isHung, code } = await runThreads(owner, threads, options);
  // Deno prints an error that a worker did not catch, although its parent listens.
  const printed = isDeno
    ? stderr.replace(/^error: Uncaught \(in worker[^]*Error: lost[^]*$/, '')
    : stderr;
  deepEqual({ printed, isHung, code }, { printed: '', isHung: false, code: 0 }, stdout);
  return stdout.trim().split('\n');
}

/** What a caller says of its blocked, its grouped and its awaited call, and of the next one. */
const callers = {
  blocked: `
    const db = EventLoopThreadRunner.connect(data.token);
    say(nameOf(() => db.run(shared[data.how](...data.args))));
    say(db.run(shared.echo('next')));`,
  grouped: `
    const db = EventLoopThreadRunner.connect(data.token);
    say(nameOf(() => db.gather(shared.echo(1), shared[data.how](...data.args))));
    say(db.run(shared.echo('next')));`,
  awaiting: `
    const db = EventLoopThreadRunner.connect(data.token);
    say(await db.createTask(shared[data.how](...data.args)).catch(({ name }) => name));
    say(await db.createTask(shared.echo('next')));`,
  called: `
    const db = EventLoopThreadRunner.connect(data.token);
    say(nameOf(() => db.run(shared.ask(() => db.run(shared[data.how](...data.args))))));
    say(db.run(shared.echo('next')));`,
};

const deaths = {
  'process.exit(0)': "'exit', args: [0, flags, 5]",
  'process.exit(3)': "'exit', args: [3, flags, 5]",
  'out of memory': "'fillMemory', args: [flags, 5]",
};

const fiveErrors = Array.from({ length: 5 }, () => 'LoopThreadError');
const fiveNexts = Array.from({ length: 5 }, () => 'next');

for (const [death, how] of Object.entries(deaths)) {
  for (const owner of ['blocked', 'awaiting']) {
    test(`${death}: callers on five threads are told, their next calls work, the owner is ${owner}`, async () => {
      const wait =
        owner === 'blocked'
          ? 'nameOf(() => runner.run(shared[what.how](...what.args)))'
          : 'await runner.createTask(shared[what.how](...what.args)).catch(({ name }) => name)';
      deepEqual(
        await lines(
          `const flags = newFlags();
           const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 40 } });
           const what = { how: ${how} };
           const workers = ['blocked', 'grouped', 'awaiting', 'called'].map((kind) =>
             start(kind, { ...what, token: runner.share() }));
           said.push(${wait});
           said.push(runner.run(shared.echo('next')));
           await Promise.all(workers.map(({ done }) => done));
           await sleep(0);
           console.log(said.sort().join());`,
          callers,
        ),
        [[...fiveErrors, ...fiveNexts].join()],
      );
    });
  }
}

test('where threads can leave no mark of their life, a blocked owner that finds the loop thread dead tells the others', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 40 } });
       const worker = start('caller', { token: runner.share(), flags });
       said.push(nameOf(() => runner.run(shared.fillMemory(flags, 2))));
       // Nothing reaches its event loop meanwhile, the end of the loop thread neither.
       said.push(Atomics.wait(flags, 1, 0, 300) === 'timed-out' ? 'told nobody' : 'told');
       await worker.done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          say(nameOf(() => db.run(shared.fillMemory(data.flags, 2))));
          Atomics.store(data.flags, 1, 1);
          Atomics.notify(data.flags, 1);`,
      },
      { env: { TMPDIR: '/nowhere' } },
    ),
    ['LoopThreadError,told,LoopThreadError'],
  );
});

/** The owner is a worker, and ends like this while another worker is blocked. */
const ownerEnds = {
  'terminate()': ['await owner.terminate();', '', 'LoopThreadError,LoopThreadError'],
  'process.exit()': [
    "owner.postMessage('end');",
    'process.exit();',
    'CancelledError,RunnerClosedError',
  ],
  'close()': ["owner.postMessage('end');", 'runner.close();', 'CancelledError,RunnerClosedError'],
  'the end of its code': [
    "owner.postMessage('end');",
    'parentPort.unref();',
    'CancelledError,RunnerClosedError',
  ],
};

for (const [end, [order, obedience, expected]] of Object.entries(ownerEnds)) {
  test(`the thread of the owner ends by ${end} while others are blocked`, async () => {
    deepEqual(
      await lines(
        `const flags = newFlags();
         const owner = start('owner');
         while (said.length === 0) await sleep(1);
         const caller = start('caller', { token: said.pop(), flags });
         await raised(flags, 0);
         ${order}
         await caller.done;
         await sleep(0);
         console.log(said.join());`,
        {
          owner: `
            const runner = new EventLoopThreadRunner();
            parentPort.once('message', () => { ${obedience} });
            say(runner.share());
            globalThis.runner = runner;`,
          caller: `
            const db = EventLoopThreadRunner.connect(data.token);
            say(nameOf(() => db.run(shared.park(data.flags))));
            say(nameOf(() => db.run(shared.echo(1), { timeout: 1_000 })).replace('TimeoutError', 'LoopThreadError'));`,
        },
      ),
      [expected],
    );
  });
}

test('an owner whose loop thread has died, and which ends then, leaves a closed runner as well', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const owner = start('owner', flags);
       while (said.length === 0) await sleep(1);
       const db = EventLoopThreadRunner.connect(said.pop());
       console.log(db.run(shared.echo(1)));
       Atomics.store(flags, 0, 1);
       await owner.done;
       console.log(nameOf(() => db.run(shared.echo(2), { timeout: 1_000 })));`,
      {
        owner: `
          const runner = new EventLoopThreadRunner();
          say(runner.share());
          await raised(data, 0);
          await runner.createTask(shared.exit(3, newFlags(), 0)).catch(() => undefined);
          // It hears that the thread is gone, and holds nothing of it.
          await sleep(300);`,
      },
    ),
    ['1', 'RunnerClosedError'],
  );
});

/** A caller ends in the middle of a call: its coroutine is aborted, and the others go on. */
const callerEnds = {
  'terminate()': ['await caller.terminate();', 'db.run(shared.park(data));'],
  'out of memory': [
    '',
    'db.createTask(shared.park(data)); while (Atomics.load(data, 0) === 0); const all = []; for (;;) all.push(Array.from({ length: 1000 }, () => 1.5));',
  ],
  'process.exit()': [
    '',
    'db.createTask(shared.park(data)); while (Atomics.load(data, 0) === 0); process.exit();',
  ],
  'an uncaught error': [
    '',
    "db.createTask(shared.park(data)); while (Atomics.load(data, 0) === 0); throw new Error('lost');",
  ],
  'the end of its code': [
    '',
    'db.createTask(shared.park(data)); while (Atomics.load(data, 0) === 0);',
  ],
  'close()': [
    '',
    'db.createTask(shared.park(data)); while (Atomics.load(data, 0) === 0); db.close();',
  ],
};

for (const [end, [order, code]] of Object.entries(callerEnds)) {
  test(`a caller ends by ${end} in the middle of a call: the coroutine is aborted, others go on`, async () => {
    deepEqual(
      await lines(
        `const flags = newFlags();
         const runner = new EventLoopThreadRunner();
         const other = start('other', runner.share());
         const caller = start('caller', flags, { resourceLimits: { maxOldGenerationSizeMb: 40 } });
         caller.postMessage(runner.share());
         await raised(flags, 0);
         ${order}
         await caller.done;
         await raised(flags, 1);
         await other.done;
         console.log(said.filter((text) => typeof text === 'number').join(), runner.run(shared.echo('alive')));`,
        {
          caller: `
            const [token] = await once(parentPort, 'message');
            parentPort.unref();
            const db = EventLoopThreadRunner.connect(token);
            ${code}`,
          other: `
            const db = EventLoopThreadRunner.connect(data);
            for (let n = 0; n < 2_000; n++) db.run(shared.echo(n));
            say(db.run(shared.echo(2_000)));`,
        },
      ),
      ['2000 alive'],
    );
  });
}

test('who leaves is forgotten at once, though its thread lives on and the loop thread sleeps', async () => {
  // The loop thread looks once in a second who lives: found out by that, half of them would take half of it.
  deepEqual(
    await lines(
      `const runner = new EventLoopThreadRunner();
       await start('caller', runner.share()).done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          const times = [];
          for (let n = 0; n < 21; n++) {
            const flags = newFlags();
            const db = EventLoopThreadRunner.connect(data);
            db.createTask(shared.park(flags));
            await raised(flags, 0);
            await sleep(20);
            const start = performance.now();
            db.close();
            while (Atomics.load(flags, 1) === 0) Atomics.wait(flags, 1, 0, 1);
            times.push(performance.now() - start);
          }
          const median = times.sort((a, b) => a - b)[10];
          say(median < 250 ? 'forgotten at once' : times);`,
      },
    ),
    ['forgotten at once'],
  );
});

test('an owner that is blocked by other things is waited for, and then asked again', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const worker = start('caller', { token: runner.share(), flags });
       await raised(flags, 0);
       Atomics.wait(flags, 1, 0);
       await worker.done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          say(nameOf(() => db.run(shared.exit(1, data.flags, 1))));
          say(nameOf(() => db.run(shared.echo(1), { timeout: 100 })));
          Atomics.store(data.flags, 1, 1);
          Atomics.notify(data.flags, 1);
          say(db.run(shared.echo('next')));`,
      },
    ),
    ['LoopThreadError,TimeoutError,next'],
  );
});

test('an owner that is blocked by palitra hears the callers all the same', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const other = new EventLoopThreadRunner({ neverSettled: 'wait' });
       const worker = start('caller', { token: runner.share(), otherToken: other.share(), flags });
       console.log(other.run(shared.wait(flags)));
       await worker.done;
       await sleep(0);
       console.log(said.join());`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          say(nameOf(() => db.run(shared.exit(1, data.flags, 2))));
          say(db.run(shared.echo('next')));
          EventLoopThreadRunner.connect(data.otherToken).run(shared.release());`,
      },
    ),
    ['released', 'LoopThreadError,next'],
  );
});

test('a caller that was idle as the loop thread died without a word notices before it sends its next call', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 40 } });
       const idle = start('idle', { token: runner.share(), flags });
       await raised(flags, 1);
       start('killer', { token: runner.share(), flags });
       // So that it does not hear of the death before the idle one has called.
       Atomics.wait(flags, 2, 0);
       Atomics.wait(flags, 3, 0, 400);
       await idle.done;
       await sleep(0);
       console.log(said.sort().join());`,
      {
        idle: `
          const db = EventLoopThreadRunner.connect(data.token);
          for (let n = 0; n < 3; n++) db.run(shared.echo(n));
          Atomics.store(data.flags, 1, 1);
          Atomics.wait(data.flags, 2, 0);
          say('idle: ' + nameOf(() => db.run(shared.echo('next'))));`,
        killer: `
          const db = EventLoopThreadRunner.connect(data.token);
          const outcome = nameOf(() => db.run(shared.fillMemory(data.flags, 1)));
          Atomics.store(data.flags, 2, 1);
          Atomics.notify(data.flags, 2);
          say('killer: ' + outcome);`,
      },
    ),
    ['idle: next,killer: LoopThreadError'],
  );
});

test('where threads can leave no mark of their life, who slept over sixteen loop threads finds the one there is', async () => {
  deepEqual(
    await lines(
      `const flags = newFlags();
       const runner = new EventLoopThreadRunner();
       const worker = start('caller', { token: runner.share(), flags });
       await raised(flags, 0);
       const die = palitra.coroutine(() => process.reallyExit(1));
       for (let i = 0; i < 16; i++) said.push(nameOf(() => runner.run(die())));
       runner.run(shared.echo('next'));
       Atomics.store(flags, 1, 1);
       Atomics.notify(flags, 1);
       await worker.done;
       await sleep(0);
       console.log([...new Set(said)].join());`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data.token);
          db.run(shared.echo(1));
          const task = db.createTask(shared.never());
          Atomics.store(data.flags, 0, 1);
          Atomics.wait(data.flags, 1, 0);
          say(db.run(shared.echo('mine')));
          say(nameOf(() => task.result()) + ' of the task');`,
      },
      { env: { TMPDIR: '/nowhere' } },
    ),
    ['LoopThreadError,mine,LoopThreadError of the task'],
  );
});
