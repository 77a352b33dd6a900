import { after, before, test } from 'node:test';
import { equal, ok, rejects } from 'node:assert/strict';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

/** Jobs that somebody else takes away without a word. */
const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
/** An old job is looked for after 30 s; what has vanished is to be missed long before. */
const SOON_MS = 25_000;

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

const waysToVanish: Record<string, (queue: Queue) => Promise<unknown>> = {
  'drain()': (queue) => queue.drain(true),
  'obliterate()': (queue) => queue.obliterate({ force: true }),
  'clean()': async (queue) => {
    await queue.clean(0, 1_000, 'wait');
    await queue.clean(0, 1_000, 'delayed');
  },
  'deleted keys': async (queue) => {
    for (const job of await queue.getJobs()) await client.del(queue.toKey(job.id!));
  },
  FLUSHALL: () => client.flushall(),
};
for (const [how, vanish] of Object.entries(waysToVanish)) {
  test(
    `after ${how} of somebody else, callers without a timeout are told soon`,
    { skip },
    async () => {
      const name = `vanished-${how.replaceAll(/\W/g, '-')}`;
      const connection = { host: '127.0.0.1', port: redis.port };
      using one = new QueueRunner({ queue: name, connection });
      using two = new QueueRunner({ queue: name, connection });
      const calls = [
        one.createTask(tasks.double(1)),
        one.createTask(tasks.double(2), { job: { delay: 3_600_000 } }),
        two.createTask(tasks.double(3)),
        // Both wait for one job.
        one.createTask(tasks.double(4), { job: { jobId: 'both' } }),
        two.createTask(tasks.double(4), { job: { jobId: 'both' } }),
      ];
      for (const call of calls) call.catch(() => undefined);
      while (one.stats().depth.waiting + one.stats().depth.delayed < 4);
      const queue = new Queue(name, { connection });
      const start = performance.now();
      await vanish(queue);
      for (const call of calls) {
        await rejects(async () => call, {
          code: 'ERR_PALITRA_JOB_FAILED',
          message: /tasks#double failed as job \S+: (the queue knows it no more|it was removed)/,
        });
      }
      ok(performance.now() - start < SOON_MS);
      await queue.resume();
      await queue.close();
      // Both are as good as before.
      await startWorker(redis.port, name);
      equal(await one.createTask(tasks.double(5)), 10);
      equal(await two.createTask(tasks.double(6)), 12);
      await endWorkers();
    },
  );
}

test(
  'a job that ends and is removed at once is not taken for one that has vanished',
  { skip },
  async () => {
    const connection = { host: '127.0.0.1', port: redis.port };
    await startWorker(redis.port, 'at-once', ['--concurrency', '20']);
    using runner = new QueueRunner({
      queue: 'at-once',
      connection,
      timeout: 60_000,
      job: { removeOnComplete: true },
    });
    // They end all the time while the runner asks whether they are there.
    const calls = Array.from({ length: 400 }, (_, index) =>
      runner.createTask(tasks.sleep((index * 37) % 400)),
    );
    for (const pid of await Promise.all(calls)) ok(pid > 0);
  },
);
