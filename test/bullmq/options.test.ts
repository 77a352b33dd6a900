import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { QueueRunner, remoteCoroutines, serve } from 'palitra/bullmq';
import { runNode } from '../support/child.ts';
import { checkLeaks } from '../support/leaks.ts';
import { command } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const modules = { tasks: new URL('../fixtures/queue-tasks.js', import.meta.url) };
/** Nothing is sent, so it does not matter that nobody listens there. */
const runner = new QueueRunner({ queue: 'options', connection: { port: 1 } });

let redis: Server;
before(async () => {
  if (skip === undefined) redis = await startRedis();
});
after(() => redis?.stop());
checkLeaks({ per: 'file' });

const misspelt: [name: string, use: () => unknown, message: RegExp][] = [
  [
    'a runner',
    () => new QueueRunner({ queue: 'q', timeOut: 5 } as never),
    /new QueueRunner\(\) has no option timeOut: did you mean timeout\?/,
  ],
  [
    'a runner',
    () => new QueueRunner({ queue: 'q', conection: {} } as never),
    /did you mean connection\?/,
  ],
  ['a runner', () => new QueueRunner({ queue: 'q', host: 'redis' } as never), /has no option host/],
  ['a runner', () => new QueueRunner({ queue: 'q', prefix: 5 } as never), /prefix is a text/],
  [
    'run()',
    () => runner.run(tasks.double(1), { timeOut: 5 } as never),
    /a call has no option timeOut: did you mean timeout\?/,
  ],
  ['run()', () => runner.run(tasks.double(1), { jobs: {} } as never), /did you mean job\?/],
  [
    'run()',
    () => runner.run(tasks.double(1), { attempts: 3 } as never),
    /a call has no option attempts/,
  ],
  [
    'run()',
    () => runner.run(tasks.double(1), { returnExceptions: true } as never),
    /has no option returnExceptions/,
  ],
  ['run()', () => runner.run(tasks.double(1), [] as never), /not an array/],
  [
    'gather()',
    () => runner.gather([tasks.double(1)], { returnExeptions: true } as never),
    /did you mean returnExceptions\?/,
  ],
  [
    'gather()',
    () => runner.gather([], { onProgres: () => 1 } as never),
    /did you mean onProgress\?/,
  ],
  ['gather()', () => runner.gather([], null as never), /options of a call are an object/],
  [
    'createTask()',
    () => runner.createTask(tasks.double(1), { singal: 1 } as never),
    /did you mean signal\?/,
  ],
  ['stats()', () => runner.stats({ timeuot: 5 } as never), /did you mean timeout\?/],
  ['close()', () => runner.close({ drian: 5 } as never), /did you mean drain\?/],
  [
    'remoteCoroutines()',
    () => (remoteCoroutines as (...args: unknown[]) => unknown)('tasks', { timeout: 5 }),
    /takes the name of a module alone/,
  ],
];
for (const [name, use, message] of misspelt) {
  test(`an option that ${name} does not have is a TypeError: ${String(message)}`, () => {
    throws(use, { name: 'TypeError', message });
    equal(runner.isAlive, false, 'no thread was started for it');
  });
}

const wrongServe: [options: object, message: RegExp][] = [
  [{ concurency: 5 }, /serve\(\) has no option concurency: did you mean concurrency\?/],
  [{ module: modules }, /did you mean modules\?/],
  [{ timeout: 5 }, /serve\(\) has no option timeout/],
  [{ concurrency: '5' }, /concurrency is a number of one or more/],
  [{ log: 'stderr' }, /log is a function/],
  [{ handleSignals: 'no' }, /handleSignals is true or false/],
  [{ worker: 7 }, /worker is an object of options for the Worker of BullMQ/],
  [{ worker: { concurrency: 5 } }, /write concurrency beside worker/],
  [{ worker: { autorun: false } }, /serve\(\) begins by itself/],
  [
    { worker: { lockDurration: 5 } },
    /The Worker of BullMQ has no option lockDurration: did you mean lockDuration\?/,
  ],
];
for (const [options, message] of wrongServe) {
  test(`serve() does not begin with an option it does not have: ${String(message)}`, async () => {
    const all = { queue: 'q', modules, connection: { port: 1 }, connectTimeout: 100, log: false };
    await rejects(serve({ ...all, ...options } as never), { name: 'TypeError', message });
  });
}

test('palitra serve says which option of BullMQ’s Worker was meant', async () => {
  const args = [
    'serve',
    '--queue',
    'q',
    '--module',
    'tasks=node:path',
    '--worker',
    'lockDurration=5',
  ];
  const { stderr, code } = await runNode([command, ...args]);
  equal(code, 1);
  match(stderr, /^palitra: .*did you mean lockDuration\?/);
});

const wrongJobs: [job: object, message: RegExp][] = [
  [{ atempts: 3 }, /job has no option atempts: did you mean attempts\?/],
  [{ Delay: 3 }, /did you mean delay\?/],
  [{ jobID: 'a' }, /did you mean jobId\?/],
  [{ repeat: { every: 1_000 } }, /job has no option repeat: a call has one result/],
  [{ debounce: { id: 'a' } }, /job has no option debounce: write deduplication/],
  [{ attempts: '3' }, /job\.attempts is a number of zero or more, not "3"/],
  [{ attempts: Number.NaN }, /job\.attempts is a number of zero or more, not NaN/],
  [{ delay: -1 }, /job\.delay is a number of zero or more, not -1/],
  [{ priority: true }, /job\.priority is a number/],
  [{ jobId: 7 }, /job\.jobId is a text, not 7/],
  [{ lifo: 1 }, /job\.lifo is true or false/],
  [{ removeOnComplete: 'yes' }, /job\.removeOnComplete is true, false, a number/],
  [{ removeOnFail: { ages: 5 } }, /job\.removeOnFail has no option ages: did you mean age\?/],
  [{ deduplication: 'a' }, /job\.deduplication is an object/],
  [{ deduplication: { id: 'a', tll: 5 } }, /did you mean ttl\?/],
  [{ backoff: 'exponential' }, /job\.backoff is a number of milliseconds, or an object/],
  [
    { backoff: { type: 'exponentail' } },
    /job\.backoff\.type is 'fixed', 'exponential', or 'custom'/,
  ],
  [{ backoff: { delay: 5 } }, /job\.backoff\.type is 'fixed'.*not undefined/],
  [{ backoff: { type: 'fixed', dealy: 5 } }, /did you mean delay\?/],
  [{ backoff: { type: 'fixed', delay: '5' } }, /job\.backoff\.delay is a number of milliseconds/],
];
for (const [job, message] of wrongJobs) {
  test(`an option of a job that BullMQ would ignore is a TypeError: ${String(message)}`, () => {
    for (const use of [
      () => new QueueRunner({ queue: 'q', job }),
      () => runner.run(tasks.double(1), { job }),
      () => runner.gather([tasks.double(1)], { job }),
      () => runner.createTask(tasks.double(1), { job }),
    ]) {
      throws(use, { name: 'TypeError', message });
    }
    equal(runner.isAlive, false);
  });
}

test(
  'worker goes to BullMQ’s Worker as it is, a strategy for backoffs included',
  { skip },
  async () => {
    const connection = { host: '127.0.0.1', port: redis.port };
    const asked: unknown[] = [];
    const settings = {
      backoffStrategy: (attempts: number, type?: string) => {
        asked.push([attempts, type]);
        return 5;
      },
    };
    const server = await serve({
      queue: 'custom',
      modules,
      connection,
      log: false,
      handleSignals: false,
      worker: { lockDuration: 12_345, maxStalledCount: 7, somethingQuiteNew: 1, settings } as never,
    });
    equal(server.worker.opts.lockDuration, 12_345);
    equal(server.worker.opts.maxStalledCount, 7);
    equal((server.worker.opts as { somethingQuiteNew?: unknown }).somethingQuiteNew, 1);
    await rejects(server.close({ drian: 5 } as never), /did you mean drain\?/);
    using one = new QueueRunner({ queue: 'custom', connection, timeout: 60_000 });
    const job = { attempts: 3, backoff: { type: 'custom' } };
    equal(await one.createTask(tasks.failTimes(2), { job }), 3);
    deepEqual(asked, [
      [1, 'custom'],
      [2, 'custom'],
    ]);
    await server.close();
  },
);

test(
  'a custom backoff without a strategy is a TypeError, and no stalled job',
  { skip },
  async () => {
    const connection = { host: '127.0.0.1', port: redis.port };
    const server = await serve({
      queue: 'plain',
      modules,
      connection,
      log: false,
      handleSignals: false,
    });
    using one = new QueueRunner({ queue: 'plain', connection, timeout: 60_000 });
    const job = { attempts: 2, backoff: { type: 'custom' } };
    for (const call of [tasks.failTimes(1), tasks.double(1)]) {
      await rejects(async () => one.createTask<unknown>(call, { job }), {
        name: 'TypeError',
        message: /job\.backoff\.type is "custom", and this worker has no backoffStrategy/,
      });
    }
    ok((await one.createTask(tasks.double(1))) === 2);
    await server.close();
  },
);
