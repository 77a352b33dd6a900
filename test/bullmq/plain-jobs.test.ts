import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { Queue } from 'bullmq';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');

let redis: Server;
let runner: QueueRunner;
/** As a dashboard uses it. */
let queue: Queue;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  const connection = { host: '127.0.0.1', port: redis.port };
  await startWorker(redis.port, 'plain', ['--prefix', 'shop']);
  runner = new QueueRunner({
    queue: 'plain',
    connection,
    prefix: 'shop',
    timeout: 60_000,
    job: { attempts: 2 },
  });
  queue = new Queue('plain', { connection, prefix: 'shop' });
});
after(async () => {
  runner?.close();
  await queue?.close();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

test(
  'a job is one of BullMQ’s: a name, data and a result of JSON, progress, a log, options',
  { skip },
  async () => {
    const job = { jobId: 'seen', priority: 3, keepLogs: 5 };
    equal(runner.run(tasks.reportAndLog(2), { job }), 'reported');
    const seen = (await queue.getJob('seen'))!;
    equal(seen.name, 'tasks#reportAndLog');
    equal(await seen.getState(), 'completed');
    deepEqual(JSON.parse(JSON.stringify(seen.data)), seen.data);
    deepEqual(Object.keys(seen.data as object).toSorted(), ['call', 'caller', 'palitra']);
    deepEqual(seen.progress, { step: 2 });
    deepEqual((await queue.getJobLogs('seen')).logs, ['step 1', 'step 2']);
    equal(seen.opts.attempts, 2, 'an option of the runner');
    equal(seen.opts.priority, 3, 'an option of the call');
    ok(seen.finishedOn! >= seen.processedOn!);
  },
);

test('a dashboard can try a failed job again, and remove what waits', { skip }, async () => {
  throws(() => runner.run(tasks.failTimes(2), { job: { jobId: 'again' } }), /attempt 2 of 2/);
  const failed = (await queue.getJobs('failed')).find(({ id }) => id === 'again')!;
  match(failed.failedReason, /^Error: attempt 2 of 2\n/);
  await failed.retry();
  // Who has the same jobId waits for the same job.
  equal(runner.run(tasks.failTimes(2), { job: { jobId: 'again' } }), 3);

  const task = runner.createTask(tasks.double(1), { job: { jobId: 'later', delay: 3_600_000 } });
  while ((await queue.getJob('later')) === undefined);
  equal(await queue.remove('later'), 1);
  throws(() => task.result({ timeout: 30_000 }), {
    code: 'ERR_PALITRA_JOB_FAILED',
    message: /was removed from the queue/,
  });
});

test('a job that is paused by a dashboard waits until the queue goes on', { skip }, async () => {
  await queue.pause();
  const task = runner.createTask(tasks.double(4));
  throws(() => task.result({ timeout: 300 }), { code: 'ERR_PALITRA_TIMEOUT' });
  await queue.resume();
  equal(task.result({ timeout: 30_000 }), 8);
});
