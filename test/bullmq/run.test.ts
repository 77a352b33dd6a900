import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { Redis } from 'ioredis';
import { coroutines, sharedContext, type Coroutine } from 'palitra';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { NotFoundError } from '../fixtures/error-classes.ts';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker, type QueueWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

type Tasks = typeof import('../fixtures/queue-tasks.ts');
const tasks = remoteCoroutines<Tasks>('tasks');

let redis: Server;
let worker: QueueWorker;
let runner: QueueRunner;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  worker = await startWorker(redis.port, 'run', ['--concurrency', '8']);
  runner = new QueueRunner({
    queue: 'run',
    connection: { host: '127.0.0.1', port: redis.port },
    modules: { tasks: new URL('../fixtures/queue-tasks.js', import.meta.url) },
    timeout: 60_000,
  });
});
after(async () => {
  runner?.close();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

test('a coroutine runs in another process, and the caller blocks for its result', { skip }, () => {
  equal(runner.run(tasks.double(21)), 42);
  equal(runner.run(tasks.add(1, 2)), 3);
  equal(runner.run(tasks.whoRanIt()), worker.pid);
  equal(runner.isAlive, true);
});

test('a module listed in modules travels by its name', { skip }, () => {
  const local = coroutines<Tasks>('../fixtures/queue-tasks.js', import.meta);
  equal(runner.run(local.whoRanIt()), worker.pid);
  deepEqual(runner.run(local.users.find(3)), { id: 3, name: 'user 3' });
});

test('nested namespaces and the default export are found', { skip }, () => {
  deepEqual(runner.run(tasks.users.find(7)), { id: 7, name: 'user 7' });
  equal(runner.run(tasks.default.answer()), 42);
});

test('gather returns the results of a group in order', { skip }, () => {
  const ids = Array.from({ length: 300 }, (_, id) => id);
  deepEqual(
    runner.gather(ids.map((id) => tasks.double(id))),
    ids.map((id) => 2 * id),
  );
  const pair: [number, string] = runner.gather(tasks.add(1, 1), tasks.text(2));
  deepEqual(pair, [2, 'xx']);
  deepEqual(runner.gather([]), []);
});

test(
  'a group of thousands outruns neither the events of the queue nor its own results',
  { skip },
  async () => {
    const client = new Redis(redis.port, '127.0.0.1');
    const lookUps = async (): Promise<number> =>
      Number(/cmdstat_hgetall:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    const before = await lookUps();
    const start = performance.now();
    const ids = Array.from({ length: 6_000 }, (_, id) => id);
    deepEqual(
      runner.gather(ids.map((id) => tasks.double(id))),
      ids.map((id) => 2 * id),
    );
    const elapsed = performance.now() - start;
    const looked = (await lookUps()) - before;
    client.disconnect();
    // Each once by its worker. What the events had not told would have been asked for when it was old.
    ok(looked < 6_500 || elapsed > 28_000, `jobs were looked at ${looked} times`);
  },
);

test('gather throws the first failure in time, or puts failures in their places', { skip }, () => {
  throws(() => runner.gather(tasks.park('sibling'), tasks.find(1)), { name: 'NotFoundError' });
  const [first, second] = runner.gather([tasks.double(1), tasks.find(2)], {
    returnExceptions: true,
  });
  equal(first, 2);
  ok(second instanceof NotFoundError);
});

test('a task can be awaited, waited for and cancelled', { skip }, async () => {
  const task = runner.createTask(tasks.double(4));
  equal(await task, 8);
  equal(runner.createTask(tasks.double(5)).result(), 10);
  const parked = runner.createTask(tasks.park('cancelled'));
  await worker.written('parked cancelled');
  equal(parked.cancel(), true);
  await rejects(async () => parked, { code: 'ERR_PALITRA_CANCELLED' });
  await worker.written('aborted cancelled by CancelledError');
});

test('an error arrives as itself, with the frames of both sides', { skip }, () => {
  throws(
    () => runner.run(tasks.find(9)),
    (error: unknown) => {
      ok(error instanceof NotFoundError);
      equal(error.id, 9);
      equal(error.retry(), 9);
      const [remote, local] = error.stack!.split('--- called by palitra from ---');
      match(remote!, /queue-tasks\.js/);
      ok(!/bullmq\/|node_modules/.test(remote!), remote);
      match(local!, /run\.test\.js/);
      ok(!/queue-runner/.test(local!), local);
      return true;
    },
  );
});

test('values of shared contexts are visible to the coroutine', { skip }, () => {
  const tenant = sharedContext<string>('tenant');
  equal(
    tenant.run('acme', () => runner.run(tasks.readTenant())),
    'acme',
  );
  equal(runner.run(tasks.readTenant()), undefined);
});

test('what cannot come back is an UncloneableError with the path', { skip }, () => {
  for (const [coroutine, path] of [
    [tasks.returnHandle(), 'result'],
    [tasks.returnFunction(), 'result.user.greet'],
  ] as [Coroutine<unknown>, string][]) {
    throws(() => runner.run(coroutine), { code: 'ERR_PALITRA_UNCLONEABLE', path });
  }
  deepEqual(runner.run(tasks.returnTransfer()), new Uint8Array(8).fill(7));
});

test('an attempt that fails is made again, and knows its number', { skip }, () => {
  equal(runner.run(tasks.failTimes(2), { job: { attempts: 3 } }), 3);
  throws(() => runner.run(tasks.failTimes(2), { job: { attempts: 2 } }), /attempt 2 of 2/);
});

test('progress is reported on the caller’s stack, in order, before the result', { skip }, () => {
  const log: unknown[] = [];
  const result = runner.run(tasks.report(5), {
    onProgress: (progress, { name, jobId }) => {
      log.push(progress);
      equal(name, 'tasks#report');
      ok(jobId !== '');
    },
  });
  log.push(result);
  deepEqual(log, [...[1, 2, 3, 4, 5].map((step) => ({ step })), 'reported']);
});

test('what onProgress throws ends the call', { skip }, () => {
  const stop = (): never => {
    throw new RangeError('enough');
  };
  throws(() => runner.run(tasks.report(2), { onProgress: stop }), {
    name: 'RangeError',
    message: 'enough',
  });
});

test('calls with the same jobId share one job', { skip }, () => {
  const job = { jobId: 'only-once' };
  const [one, two] = runner.gather([tasks.failTimes(0), tasks.failTimes(0)], { job });
  deepEqual([one, two], [1, 1]);
  // It has ended long ago, and its result is still there.
  equal(runner.run(tasks.whoRanIt(), { job }), 1);
  const deduplication = { id: 'while-it-waits' };
  deepEqual(runner.gather([tasks.sleep(20), tasks.sleep(20)], { job: { deduplication } }), [
    worker.pid,
    worker.pid,
  ]);
});

test(
  'options of BullMQ reach the job, and one that is wrong is its call’s error alone',
  { skip },
  () => {
    const start = performance.now();
    equal(runner.run(tasks.double(1), { job: { delay: 50 } }), 2);
    ok(performance.now() - start >= 50);
    throws(() => runner.run(tasks.double(1), { job: { priority: 3_000_000 } }), /Priority/);
    equal(runner.run(tasks.double(1), { job: { priority: 5 } }), 2);
  },
);

test('stats tell the depth of the queue, the workers and the latencies', { skip }, () => {
  runner.gather(Array.from({ length: 30 }, () => tasks.sleep(6)));
  const { depth, workers, calls, inFlight, roundTrip, running } = runner.stats();
  equal(depth.waiting, 0);
  ok(depth.completed > 0);
  equal(workers, 1);
  ok(calls > 300);
  equal(inFlight, 0);
  ok(roundTrip.p50 > 0 && roundTrip.p99 >= roundTrip.p50);
  ok(running.p99 >= 5);
});

test('a runner has two connections, however many calls it makes', { skip }, () => {
  using second = new QueueRunner({
    queue: 'other',
    connection: `redis://127.0.0.1:${redis.port}`,
    connectTimeout: 10_000,
  });
  const connections = (): number => runner.run(tasks.countConnections(redis.port));
  const before = connections();
  second.stats();
  equal(connections() - before, 2);
  second.stats();
  equal(connections() - before, 2);
});

test('after close() every method throws RunnerClosedError', { skip }, () => {
  const closed = new QueueRunner({ queue: 'run', connection: { port: redis.port } });
  closed.close();
  closed.close();
  equal(closed.isAlive, false);
  for (const use of [
    () => closed.run(tasks.double(1)),
    () => closed.gather(tasks.double(1)),
    () => closed.createTask(tasks.double(1)),
    () => closed.stats(),
  ]) {
    throws(use, { code: 'ERR_PALITRA_CLOSED' });
  }
});

test('each of many coroutines finds its own job, before and after it has waited', { skip }, () => {
  const ids = runner.gather(Array.from({ length: 40 }, (_, index) => tasks.whoAmI(index % 5)));
  for (const [first, later] of ids) {
    ok(first !== undefined);
    equal(later, first);
  }
  equal(new Set(ids.map(([first]) => first)).size, ids.length);
});

test('what a coroutine has left running is in no job any more', { skip }, () => {
  ok(runner.run(tasks.leaveBehind()) !== undefined);
  // Another one runs meanwhile, so that contexts are followed.
  const [, left] = runner.gather(tasks.whoAmI(200), tasks.whatWasLeftBehind());
  deepEqual(left, [undefined, false]);
});
