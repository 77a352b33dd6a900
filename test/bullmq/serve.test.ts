import { after, afterEach, before, test } from 'node:test';
import { equal, match, ok, rejects } from 'node:assert/strict';
import { QueueRunner, remoteCoroutines, serve } from 'palitra/bullmq';
import { fixtures, runNode, type Outcome } from '../support/child.ts';
import { checkLeaks } from '../support/leaks.ts';
import { createProject } from '../support/project.ts';
import { command, endWorkers, startWorker } from '../support/queue.ts';
import { freePort, redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const module = new URL('../fixtures/queue-tasks.js', import.meta.url);

let redis: Server;
before(async () => {
  if (skip === undefined) redis = await startRedis();
});
afterEach(endWorkers);
after(() => redis?.stop());
checkLeaks({ per: 'file' });

const connect = (queue: string): QueueRunner =>
  new QueueRunner({ queue, connection: { host: '127.0.0.1', port: redis.port }, timeout: 60_000 });

const palitra = (...args: string[]): Promise<Outcome> =>
  runNode([command, ...args], { limitMs: 60_000, cwd: fixtures });

test('palitra --help tells every option, and what happens on SIGTERM', async () => {
  for (const args of [['--help'], ['serve', '-h'], []]) {
    const { code, stdout, stderr } = await palitra(...args);
    equal(code, 0);
    equal(stderr, '');
    match(stdout, /npx palitra serve --queue palitra --module tasks=\.\/tasks\.js --redis/);
    for (const option of ['queue', 'module', 'redis', 'prefix', 'concurrency', 'drain', 'health']) {
      match(stdout, new RegExp(`^ +--${option} `, 'm'));
    }
    match(stdout, /On SIGTERM and SIGINT it takes no more jobs/);
  }
  const { stdout } = await palitra('--version');
  match(stdout, /^\d+\.\d+\.\d+\n$/);
});

const tasksFile = `tasks=./queue-tasks.js`;
const wrong: [args: string[], message: RegExp][] = [
  [['work'], /There is no command work; there is serve/],
  [['serve'], /--queue is missing, such as --queue palitra/],
  [['serve', '--queue', 'q'], /--module is missing, such as --module tasks=\.\/tasks\.js/],
  [['serve', '--queue', 'q', '--module', 'tasks'], /--module is written as name=value/],
  [['serve', '--queue', 'q', '--module', 'tasks=./missing.js'], /missing\.js/],
  [['serve', '--queue', 'q', '--module', tasksFile, '--concurrency', 'many'], /is a number/],
  [['serve', '--queue', 'q', '--module', tasksFile, 'more'], /more is no option/],
  [['serve', '--queue', 'q', '--modul', tasksFile], /--modul/],
];
for (const [args, message] of wrong) {
  test(`palitra ${args.join(' ')} ends with code 2 and says why`, async () => {
    const { code, stderr, stdout } = await palitra(...args);
    equal(code, 2, stderr);
    match(stderr, message);
    match(stderr, /See palitra --help\.\n$/);
    equal(stdout, '');
  });
}

test('palitra serve without Redis ends with code 1 and says where it looked', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`;
  const args = ['--module', tasksFile, '--redis', url, '--connect-timeout', '300'];
  const { code, stderr, isHung } = await palitra('serve', '--queue', 'q', ...args);
  equal(isHung, false);
  equal(code, 1);
  match(stderr, /^palitra: There has been no connection to Redis at 127\.0\.0\.1:\d+ for 300 ms/m);
});

test('a module that cannot be imported ends the command with code 1 and its reason', async () => {
  const project = await createProject({ 'broken.mjs': 'throw new Error("on import")' });
  const { code, stderr } = await palitra(
    'serve',
    '--queue',
    'q',
    '--module',
    `b=${project.path('broken.mjs')}`,
  );
  equal(code, 1);
  match(stderr, /palitra: on import/);
  await project.remove();
});

test(
  'its log is lines with a time that say what it serves, how it goes, and what failed',
  { skip },
  async () => {
    const worker = await startWorker(redis.port, 'log', ['--health', '100', '--concurrency', '3']);
    using runner = connect('log');
    await rejects(async () => runner.createTask(tasks.failTimes(9)), /attempt 1 of 1/);
    await worker.written(/running, 0 completed, 1 failed\./);
    const lines = worker.output.trim().split('\n');
    for (const line of lines) match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z palitra: /);
    match(worker.output, /serving tasks from the queue log, 3 at a time \(process \d+\)\./);
    match(
      worker.output,
      /tasks#failTimes \(job \S+, attempt 1 of 1\) failed: Error: attempt 1 of 1\n/,
    );
  },
);

test(
  'on SIGTERM it takes no more jobs, finishes what runs, and ends with code 0',
  { skip },
  async () => {
    const worker = await startWorker(redis.port, 'finish');
    using runner = connect('finish');
    const running = runner.createTask(tasks.count('finish', 400));
    await worker.written('counted finish 1');
    const waiting = runner.createTask(tasks.whoRanIt());
    while (runner.stats().depth.waiting === 0);
    equal(await worker.end('SIGTERM'), 0);
    equal(await running, 1);
    match(worker.output, /SIGTERM has come\..*stopping: 1 running.*stopped\./s);
    const other = await startWorker(redis.port, 'finish');
    equal(await waiting, other.pid, 'what had not started is the next worker’s');
  },
);

test(
  'what takes too long is aborted and handed back, and another worker runs it',
  { skip },
  async () => {
    for (const [name, make] of [
      ['polite', () => tasks.parkPolitely('polite')],
      ['deaf', () => tasks.parkOnce('deaf')],
    ] as const) {
      const worker = await startWorker(redis.port, name, ['--drain', '100']);
      using runner = connect(name);
      // It may not fail: that it was interrupted is no failure.
      const task = runner.createTask(make(), { job: { attempts: 1 } });
      await worker.written(`parked ${name} attempt 1`);
      equal(await worker.end('SIGTERM'), 0);
      match(worker.output, /is handed back to the queue\./);
      const other = await startWorker(redis.port, name);
      const { attempt, pid } = await task;
      equal(attempt, 2);
      equal(pid, other.pid);
    }
  },
);

test('on SIGINT it stops as well, and a second signal ends it at once', { skip }, async () => {
  const worker = await startWorker(redis.port, 'twice');
  using runner = connect('twice');
  const task = runner.createTask(tasks.ignore('twice'));
  await worker.written('parked twice');
  process.kill(worker.pid, 'SIGINT');
  await worker.written('stopping: 1 running');
  equal(await worker.end('SIGINT'), 'SIGINT');
  task.cancel();
  await rejects(async () => task, { code: 'ERR_PALITRA_CANCELLED' });
});

test('on SIGTERM it ends in bounded time although Redis is gone', { skip }, async () => {
  const short = await startRedis();
  const idle = await startWorker(short.port, 'without');
  const busy = await startWorker(short.port, 'without', ['--drain', '200']);
  {
    using runner = new QueueRunner({
      queue: 'without',
      connection: { host: '127.0.0.1', port: short.port },
      timeout: 60_000,
      connectTimeout: 500,
    });
    const parked = [0, 1].map((n) => runner.createTask(tasks.ignore(`without ${n}`)));
    await Promise.all([idle, busy].map((worker) => worker.written('parked without')));
    await short.stop();
    for (const task of parked) await rejects(async () => task, { name: 'QueueConnectionError' });
  }
  const start = performance.now();
  equal(await busy.end('SIGTERM'), 0);
  ok(performance.now() - start < 30_000);
  match(busy.output, /Redis does not answer: what was running will be missed there/);
});

test('an error outside any coroutine is logged, and the worker goes on', { skip }, async () => {
  const worker = await startWorker(redis.port, 'outside');
  using runner = connect('outside');
  equal(runner.run(tasks.failLater()), 'soon');
  await worker.written('an error outside any coroutine, the worker goes on: Error: outside');
  equal(runner.run(tasks.double(1)), 2);
});

test(
  'serve() in this process runs coroutines beside everything else, and close() ends them',
  { skip },
  async () => {
    const lines: string[] = [];
    const server = await serve({
      queue: 'here',
      connection: { host: '127.0.0.1', port: redis.port },
      modules: { tasks: module },
      concurrency: 4,
      handleSignals: false,
      log: (line) => lines.push(line),
    });
    using runner = connect('here');
    equal(await runner.createTask(tasks.whoRanIt()), process.pid);
    equal(await runner.createTask(tasks.readOnShutdown()), 0);
    equal(server.worker.concurrency, 4);
    equal(server.stats().completed, 2);
    await Promise.all([server.close(), server.close()]);
    equal(server.stats().running, 0);
    match(lines.at(-1)!, /stopped/);
    const { cleanUps } = await import('../fixtures/queue-tasks.ts');
    equal(cleanUps.count, 1, 'onShutdown() was called');
  },
);

/** Node makes one hook for all AsyncLocalStorages that are in use, and none where it can do without. */
function areContextsFollowed(): boolean {
  const { storage } = (globalThis as Record<symbol, unknown>)[Symbol.for('palitra.jobHost')] as {
    readonly storage: { readonly enabled?: boolean };
  };
  return storage.enabled === true;
}

test('promises are followed only while a coroutine runs', { skip }, async () => {
  const server = await serve({
    queue: 'hooks',
    connection: { host: '127.0.0.1', port: redis.port },
    modules: { tasks: module },
    concurrency: 4,
    handleSignals: false,
    log: false,
  });
  using runner = connect('hooks');
  const calls = [tasks.whoAmI(50), tasks.whoAmI(100), tasks.whoAmI(1)].map((call) =>
    runner.createTask(call),
  );
  for (const call of calls) {
    const [first, later] = await call;
    ok(first !== undefined);
    equal(later, first);
  }
  equal(areContextsFollowed(), false);
  await server.close();
});

test('a worker has three connections, whatever its concurrency', { skip }, async () => {
  using runner = connect('connections');
  await startWorker(redis.port, 'connections', ['--concurrency', '50']);
  runner.gather(Array.from({ length: 100 }, () => tasks.double(1)));
  const before = runner.run(tasks.countConnections(redis.port));
  await startWorker(redis.port, 'connections', ['--concurrency', '50']);
  runner.gather(Array.from({ length: 100 }, () => tasks.double(1)));
  equal(runner.run(tasks.countConnections(redis.port)) - before, 3);
});
