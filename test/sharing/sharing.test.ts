import { test } from 'node:test';
import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import {
  coroutines,
  EventLoopThreadRunner,
  RunnerClosedError,
  sharedContext,
  transfer,
} from 'palitra';
import { awaitFlag, createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';
import { runThreads } from '../support/threads.ts';

checkLeaks({ per: 'file' });

const shared = coroutines<typeof import('../fixtures/shared.ts')>(
  '../fixtures/shared.js',
  import.meta,
);

async function lines(owner: string, threads: Record<string, string>): Promise<string[]> {
  const { stdout, stderr, isHung, code } = await runThreads(owner, threads);
  deepEqual({ stderr, isHung, code }, { stderr: '', isHung: false, code: 0 }, stdout);
  return stdout.trim().split('\n');
}

test('a thread that has the token uses the same loop thread, and the same state', async () => {
  deepEqual(
    await lines(
      `const runner = new EventLoopThreadRunner({ name: 'db' });
       const before = runner.run(shared.next());
       const worker = start('caller', runner.share());
       await worker.done;
       console.log(before, said.join(), runner.run(shared.next()));
       console.log(runner.run(shared.where()) === said[1], runner.getLoop().isRunning);`,
      {
        caller: `
         const db = EventLoopThreadRunner.connect(data);
         say(db.run(shared.next()));
         say(db.run(shared.where()));
         say(db.getLoop().threadId);`,
      },
    ),
    ['1 2,1,1 3', 'true true'],
  );
});

test('the token is plain data: it may be given to any number of threads, and passed on', async () => {
  deepEqual(
    await lines(
      `const runner = new EventLoopThreadRunner();
       const token = structuredClone(runner.share());
       const workers = [start('caller', token), start('caller', token), start('passer', token)];
       await Promise.all(workers.map(({ done }) => done));
       await sleep(0);
       console.log(said.sort().join(), runner.run(shared.next()));`,
      {
        caller: `say(EventLoopThreadRunner.connect(data).run(shared.next()));`,
        passer: `
          const inner = new Worker(new URL(import.meta.url), {
            workerData: { kind: 'caller', data: EventLoopThreadRunner.connect(data).share() },
          });
          inner.on('message', say);
          await once(inner, 'exit');`,
      },
    ),
    ['1,2,3 4'],
  );
});

/** One owner and one connected runner, on one thread. */
function connectHere(options?: ConstructorParameters<typeof EventLoopThreadRunner>[0]): {
  owner: EventLoopThreadRunner;
  runner: EventLoopThreadRunner;
} & Disposable {
  const owner = new EventLoopThreadRunner(options);
  const runner = EventLoopThreadRunner.connect(owner.share());
  return { owner, runner, [Symbol.dispose]: () => (runner.close(), owner.close()) };
}

test('all that a runner can do, a connected one can do', async () => {
  using pair = connectHere();
  const { runner } = pair;
  equal(runner.run(shared.echo('text')), 'text');
  deepEqual(runner.gather(shared.echo(1), shared.echo(2)), [1, 2]);
  equal(await runner.createTask(shared.echo('task')), 'task');
  equal(runner.createTask(shared.echo('result')).result(), 'result');
  deepEqual([...runner.iterate(shared.numbers(200))].length, 200);
  equal(runner.run(shared.ask((n) => n + (runner.run(shared.echo(1)) as number))), 21);
  const counter = runner.run(shared.openCounter());
  runner.run(counter.add(2));
  equal(runner.run(counter.add(3)), 5);
  equal(
    sharedContext('tenant').run('acme', () => runner.run(shared.tenant())),
    'acme',
  );
  throws(
    () => runner.run(shared.fail('as itself')),
    (error: RangeError & { threadId: number }) =>
      error instanceof RangeError && error.threadId === runner.getLoop().threadId,
  );
  throws(() => runner.run(shared.never(), { timeout: 1 }), { name: 'TimeoutError' });
  const { calls, inFlight } = runner.getLoop().stats();
  deepEqual({ calls, inFlight }, { calls: 14, inFlight: 0 });
});

for (const length of [0, 1, 30_000, 40_000, 200_000, 5_000_000]) {
  test(`values of ${length} bytes cross, there and back`, () => {
    using pair = connectHere();
    const bytes = new Uint8Array(length).fill(7);
    deepEqual(pair.runner.run(shared.echo(bytes)), bytes);
    equal((pair.runner.run(shared.echo('ä'.repeat(length))) as string).length, length);
    deepEqual(
      pair.runner
        .gather(Array.from({ length: 20 }, () => shared.echo(bytes)))
        .map((copy) => (copy as Uint8Array).length),
      Array.from({ length: 20 }, () => length),
    );
  });
}

test('parcels arrive in their order, also while this thread’s event loop turns', async () => {
  using pair = connectHere();
  const texts = Array.from({ length: 50 }, (_, n) => String(n).repeat(20_000));
  const tasks = texts.map((text) => pair.runner.createTask(shared.echo(text)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  equal(pair.runner.run(shared.echo(texts[7]!)), texts[7]);
  deepEqual(await Promise.all(tasks), texts);
});

test('platform objects are cloned, ArrayBuffers leave the caller, and other transfers are refused', async () => {
  using pair = connectHere();
  const { runner } = pair;
  equal(await (runner.run(shared.echo(new Blob(['abc']))) as Blob).text(), 'abc');
  const bytes = new Uint8Array(100_000);
  const moved = runner.run(shared.echo(transfer(bytes, [bytes.buffer]))) as Uint8Array;
  equal(moved.length, 100_000);
  equal(bytes.length, 0);
  const { port1, port2 } = new MessageChannel();
  const kept = new ArrayBuffer(8);
  throws(() => runner.run(shared.echo(transfer([port1, kept], [port1, kept]))), {
    code: 'ERR_PALITRA_UNCLONEABLE',
    message: /only ArrayBuffers can be moved .* use the runner that owns the loop thread/,
  });
  equal(kept.byteLength, 8, 'nothing is detached');
  port2.close();
  equal(runner.run(shared.echo(1)), 1);
});

test('close() ends this thread’s part only', () => {
  using owner = new EventLoopThreadRunner();
  const runner = EventLoopThreadRunner.connect(owner.share());
  const task = runner.createTask(shared.never());
  runner.close();
  throws(() => task.result(), { name: 'CancelledError' });
  throws(() => runner.run(shared.echo(1)), RunnerClosedError);
  throws(() => runner.share(), RunnerClosedError);
  runner.close();
  equal(owner.run(shared.echo(1)), 1);
  equal(owner.getLoop().isClosed, false);
});

test('the owner’s close() ends it for all', () => {
  const owner = new EventLoopThreadRunner({ name: 'db' });
  const runner = EventLoopThreadRunner.connect(owner.share());
  const task = runner.createTask(shared.never());
  owner.close();
  throws(() => task.result(), { name: 'CancelledError' });
  throws(() => runner.run(shared.echo(1)), /The runner "db" is closed/);
  equal(runner.getLoop === undefined, false);
  throws(() => owner.share(), RunnerClosedError);
  throws(() => EventLoopThreadRunner.connect({} as never), /takes what runner.share\(\) returned/);
});

test('a runner that was connected in vain says so when it is used', () => {
  const owner = new EventLoopThreadRunner();
  const token = owner.share();
  owner.close();
  const runner = EventLoopThreadRunner.connect(token);
  throws(() => runner.run(shared.echo(1)), RunnerClosedError);
  runner.close();
});

test('the owner’s default timeout is theirs as well', () => {
  using pair = connectHere({ timeout: 1, neverSettled: 'wait' });
  pair.runner.run(shared.echo(1), { timeout: 3_600_000 });
  throws(() => pair.runner.run(shared.never()), /after 1 ms/);
});

test('what is no token is a TypeError', () => {
  for (const value of [undefined, null, 5, {}, { palitra: 'runner' }, 'token']) {
    throws(() => EventLoopThreadRunner.connect(value as never), {
      name: 'TypeError',
      message: /takes what runner.share\(\) returned: post that to this thread/,
    });
  }
});

test('a loop thread that computes keeps a newcomer waiting, but not beyond its timeout', () => {
  using owner = new EventLoopThreadRunner();
  const runner = EventLoopThreadRunner.connect(owner.share());
  const computing = createFlags();
  const task = owner.createTask(shared.compute(1_000, computing));
  awaitFlag(computing, 0);
  throws(() => runner.run(shared.echo(1), { timeout: 50 }), {
    name: 'TimeoutError',
    message: /could not be joined within 50 ms/,
  });
  equal(runner.run(shared.echo('in the end')), 'in the end');
  task.result();
  runner.close();
});

test('a shared runner that nobody holds lives on', async () => {
  deepEqual(
    await lines(
      `const worker = start('caller', new EventLoopThreadRunner().share());
       for (let round = 0; round < 20; round++) { globalThis.gc?.(); await sleep(1); }
       worker.postMessage('go');
       await worker.done;
       console.log(said.join());`,
      {
        caller: `
          await once(parentPort, 'message');
          parentPort.unref();
          say(EventLoopThreadRunner.connect(data).run(shared.echo('alive')));`,
      },
    ),
    ['alive'],
  );
});

test('a process ends by itself though threads are connected, and runs the clean-up first', async () => {
  deepEqual(
    await lines(
      `const runner = new EventLoopThreadRunner();
       const worker = start('caller', runner.share());
       await worker.done;
       console.log(said.join());`,
      {
        caller: `
          const db = EventLoopThreadRunner.connect(data);
          db.run(shared.echo(1));
          db.createTask(shared.never());
          say('left without close()');`,
      },
    ),
    ['left without close()'],
  );
});

test('runners of two threads are different things', () => {
  using one = new EventLoopThreadRunner();
  using two = new EventLoopThreadRunner();
  using other = EventLoopThreadRunner.connect(two.share());
  notEqual(one.run(shared.where()), other.run(shared.where()));
  const counter = one.run(shared.openCounter());
  throws(() => other.run(shared.echo(counter)), { code: 'ERR_PALITRA_UNCLONEABLE' });
});

test('in an exit handler of its thread a runner that was made from a token works, before and after palitra’s own', async () => {
  const { stdout, isHung } = await runThreads(
    `const flags = newFlags();
     const runner = new EventLoopThreadRunner();
     await start('caller', { token: runner.share(), flags }).done;
     // Nobody is left who could bring it.
     said.push(nameOf(() => runner.run(shared.never())));
     console.log(said.join());`,
    {
      caller: `
        const db = EventLoopThreadRunner.connect(data.token);
        const print = palitra.coroutine((text) => console.log(text));
        process.on('exit', () => db.run(print('after')));
        process.prependListener('exit', () => db.run(print('before')));
        db.run(shared.echo(1));`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'before\nafter\nNeverSettledError\n', isHung: false });
});
