import { after, before, test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

/** What is left in the stream of a queue, which holds every result once more. */
const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const LARGE = 700_000;

let redis: Server;
let client: Redis;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  client = new Redis(redis.port, '127.0.0.1');
});
after(async () => {
  client?.disconnect();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

function connect(queue: string): QueueRunner {
  return new QueueRunner({
    queue,
    connection: { host: '127.0.0.1', port: redis.port },
    timeout: 120_000,
    job: { removeOnComplete: true },
  });
}

async function bytesOf(queue: string): Promise<number> {
  return Number(await client.call('MEMORY', 'USAGE', `bull:${queue}:events`, 'SAMPLES', '0'));
}

async function untilSmaller(queue: string, bytes: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while ((await bytesOf(queue)) > bytes) {
    ok(performance.now() < deadline, `${await bytesOf(queue)} bytes`);
    await sleep(50);
  }
}

test(
  'large results do not pile up in the stream, and every caller gets its own',
  { skip },
  async () => {
    await startWorker(redis.port, 'large', ['--concurrency', '4']);
    using one = connect('large');
    using two = connect('large');
    const connection = { host: '127.0.0.1', port: redis.port };
    const events = new QueueEvents('large', { connection });
    let seen = 0;
    events.on('completed', () => (seen += 1));
    await events.waitUntilReady();
    const calls = Array.from({ length: 60 }, (_, index) =>
      (index % 2 === 0 ? one : two).createTask(tasks.text(LARGE)),
    );
    for (const text of await Promise.all(calls)) equal(text.length, LARGE);
    // Each runner leaves 16 MB for the moment, and what is on its way.
    ok((await bytesOf('large')) < 50 * LARGE, `${await bytesOf('large')} bytes`);
    await untilSmaller('large', LARGE);
    ok(seen > 0);
    await events.close();
    await endWorkers();
  },
);

test('a runner that is closed leaves no large results of its own', { skip }, async () => {
  await startWorker(redis.port, 'closed');
  {
    using runner = connect('closed');
    equal((await runner.createTask(tasks.text(LARGE))).length, LARGE);
  }
  ok((await bytesOf('closed')) < LARGE);
  await endWorkers();
});

test(
  'the result of a job that others may wait for stays until they have had time',
  { skip },
  async () => {
    await startWorker(redis.port, 'shared');
    using one = connect('shared');
    const job = { jobId: 'large' };
    equal((await one.createTask(tasks.text(LARGE), { job })).length, LARGE);
    equal((await one.createTask(tasks.text(LARGE))).length, LARGE);
    await untilSmaller('shared', 2 * LARGE);
    ok((await bytesOf('shared')) > LARGE);
    await endWorkers();
  },
);
