import { after, before, test } from 'node:test';
import { equal, ok, rejects, throws } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker, type QueueWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const CEILING_MS = 60_000;

let redis: Server;
let worker: QueueWorker;
let runner: QueueRunner;
/** Nobody serves it. */
let idle: QueueRunner;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  const connection = { host: '127.0.0.1', port: redis.port };
  worker = await startWorker(redis.port, 'time', ['--concurrency', '8']);
  runner = new QueueRunner({ queue: 'time', connection, timeout: CEILING_MS });
  idle = new QueueRunner({ queue: 'idle', connection, timeout: CEILING_MS });
});
after(async () => {
  runner?.close();
  idle?.close();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

/** Waits until so many jobs wait for a worker. */
async function untilWaiting(wanted: number): Promise<void> {
  const deadline = performance.now() + CEILING_MS;
  for (;;) {
    const { depth } = idle.stats();
    if (depth.waiting + depth.delayed === wanted) return;
    ok(performance.now() < deadline, `${depth.waiting} jobs wait instead of ${wanted}`);
    await sleep(5);
  }
}

test(
  'a timeout ends the call at once, and aborts the coroutine where it runs',
  { skip },
  async () => {
    // How long a job takes to start is the machine's affair.
    for (let timeout = 200; !worker.output.includes('parked late'); timeout *= 4) {
      throws(() => runner.run(tasks.park('late'), { timeout }), {
        code: 'ERR_PALITRA_TIMEOUT',
        message:
          /tasks#park had not ended after \d+ ms.*No worker of the queue "time" has finished it/,
      });
      await sleep(100);
    }
    await worker.written('aborted late by TimeoutError');
  },
);

test('a job that has not started when its caller gives up is removed', { skip }, async () => {
  throws(() => idle.run(tasks.double(1), { timeout: 1 }), { code: 'ERR_PALITRA_TIMEOUT' });
  throws(() => idle.run(tasks.double(1), { timeout: 50 }), { code: 'ERR_PALITRA_TIMEOUT' });
  throws(() => idle.run(tasks.double(1), { timeout: 50, job: { delay: 3_600_000 } }), {
    code: 'ERR_PALITRA_TIMEOUT',
  });
  const group = Array.from({ length: 50 }, () => tasks.double(1));
  throws(() => idle.gather(group, { timeout: 100 }), {
    message: /50 of the 50 coroutines of a gather had not ended/,
  });
  await untilWaiting(0);
});

test('a signal that is aborted already starts nothing', { skip }, () => {
  using fresh = new QueueRunner({ queue: 'idle', connection: { port: redis.port } });
  const reason = new RangeError('not today');
  const signal = AbortSignal.abort(reason);
  for (const use of [
    () => fresh.run(tasks.double(1), { signal }),
    () => fresh.gather([tasks.double(1)], { signal }),
    () => fresh.createTask(tasks.double(1), { signal }),
  ]) {
    throws(use, reason);
  }
});

test('a signal that aborts later reaches the coroutine with its reason', { skip }, async () => {
  const controller = new AbortController();
  const task = runner.createTask(tasks.park('signal'), { signal: controller.signal });
  await worker.written('parked signal');
  controller.abort(new RangeError('enough'));
  await rejects(async () => task, { name: 'RangeError', message: 'enough' });
  await worker.written('aborted signal by RangeError');
});

test('what was cancelled is not tried again', { skip }, async () => {
  const task = runner.createTask(tasks.park('once'), { job: { attempts: 3, backoff: 1 } });
  await worker.written('parked once attempt 1');
  task.cancel();
  await worker.written('aborted once by CancelledError');
  await rejects(async () => task, { code: 'ERR_PALITRA_CANCELLED' });
  runner.run(tasks.sleep(20));
  ok(!worker.output.includes('parked once attempt 2'));
});

test('what a coroutine brings that takes no notice is dropped', { skip }, async () => {
  const task = runner.createTask(tasks.ignore('deaf'));
  await worker.written('parked deaf');
  task.cancel();
  await rejects(async () => task, { code: 'ERR_PALITRA_CANCELLED' });
  equal(runner.run(tasks.double(1)), 2);
});

test('close() takes back what has not started, and aborts what has', { skip }, async () => {
  const connection = { host: '127.0.0.1', port: redis.port };
  const closing = new QueueRunner({ queue: 'time', connection });
  const running = closing.createTask(tasks.park('closed'));
  await worker.written('parked closed');
  const other = new QueueRunner({ queue: 'idle', connection });
  const waiting = other.createTask(tasks.double(1));
  await untilWaiting(1);
  closing.close();
  other.close();
  await rejects(async () => running, { code: 'ERR_PALITRA_CANCELLED' });
  await rejects(async () => waiting, { code: 'ERR_PALITRA_CANCELLED' });
  await worker.written('aborted closed by CancelledError');
  await untilWaiting(0);
});

test('of those that share a job, who gives up ends only the own waiting', { skip }, async () => {
  const job = { jobId: 'shared' };
  const first = runner.createTask(tasks.park('shared'), { job });
  await worker.written('parked shared');
  const second = runner.createTask(tasks.park('shared'), { job });
  using other = new QueueRunner({
    queue: 'time',
    connection: `redis://127.0.0.1:${redis.port}`,
    timeout: CEILING_MS,
  });
  throws(() => other.run(tasks.park('shared'), { job, timeout: 300 }), {
    code: 'ERR_PALITRA_TIMEOUT',
  });
  second.cancel();
  await rejects(async () => second, { code: 'ERR_PALITRA_CANCELLED' });
  equal(runner.run(tasks.double(1)), 2);
  ok(!worker.output.includes('aborted shared'));
  first.cancel();
  await worker.written('aborted shared');
  await rejects(async () => first, { code: 'ERR_PALITRA_CANCELLED' });
});
