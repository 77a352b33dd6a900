import { after, before, test } from 'node:test';
import { equal, match, ok, rejects, throws } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker, type QueueWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

/** Calls that share a `jobId`, and what becomes of the others when one of them gives up. */
const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const HOUR = 3_600_000;

let redis: Server;
/** Both see every cancellation; only one of them runs the job that it is for. */
let workers: readonly QueueWorker[];
let first: QueueRunner;
let second: QueueRunner;
let queue: Queue;
/** Nobody serves it. */
let idle: readonly [QueueRunner, QueueRunner];
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  workers = await Promise.all(
    [0, 1].map(() => startWorker(redis.port, 'joined', ['--concurrency', '4'])),
  );
  [first, second] = [connect('joined'), connect('joined')];
  idle = [connect('idle'), connect('idle')];
  queue = new Queue('joined', { connection: { host: '127.0.0.1', port: redis.port } });
  for (const runner of [first, second]) equal(runner.run(tasks.double(1)), 2);
});
after(async () => {
  for (const runner of [first, second, ...(idle ?? [])]) runner?.close();
  await queue?.close();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

function connect(name: string): QueueRunner {
  return new QueueRunner({
    queue: name,
    connection: { host: '127.0.0.1', port: redis.port },
    timeout: 60_000,
  });
}

/** One of the workers has written this. */
async function written(text: string): Promise<void> {
  await Promise.any(workers.map((worker) => worker.written(text)));
}

const outputs = (): string => workers.map(({ output }) => output).join('');

/** Waits until the queue no longer has it. */
async function untilGone(jobId: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while ((await queue.getJob(jobId)) !== undefined) ok(performance.now() < deadline);
}

const waysToGiveUp: Record<string, (jobId: string) => Promise<void>> = {
  'runs into its timeout': async (jobId) => {
    // How long a job takes to start is the machine's affair.
    for (let timeout = 200; !outputs().includes(`counted ${jobId} 1`); timeout *= 4) {
      throws(() => first.run(tasks.countPolitely(jobId, HOUR), { job: { jobId }, timeout }), {
        code: 'ERR_PALITRA_TIMEOUT',
      });
      await sleep(20);
    }
  },
  'has its signal aborted': async (jobId) => {
    const controller = new AbortController();
    const options = { job: { jobId }, signal: controller.signal };
    const task = first.createTask(tasks.countPolitely(jobId, HOUR), options);
    await written(`counted ${jobId} 1`);
    controller.abort();
    await rejects(async () => task, { name: 'AbortError' });
  },
  'closes its runner': async (jobId) => {
    const closing = connect('joined');
    const task = closing.createTask(tasks.countPolitely(jobId, HOUR), { job: { jobId } });
    await written(`counted ${jobId} 1`);
    closing.close();
    await rejects(async () => task, { code: 'ERR_PALITRA_CANCELLED' });
  },
};
for (const [how, giveUp] of Object.entries(waysToGiveUp)) {
  test(`when a caller ${how}, its jobId is free for the next one`, { skip }, async () => {
    const jobId = `free-${how.replaceAll(' ', '-')}`;
    await giveUp(jobId);
    // At once, while the coroutine is still being aborted, and afterwards.
    ok(second.run(tasks.countPolitely(jobId, 1), { job: { jobId } }) >= 1);
    await written(`aborted ${jobId} 1`);
    const kept = await queue.getJob(jobId);
    equal(await kept!.getState(), 'completed');
    equal(second.run(tasks.double(4), { job: { jobId: `${jobId}-other` } }), 8);
  });
}

test('nothing is kept of a job whose only caller has given up', { skip }, async () => {
  for (const [jobId, coroutine] of [
    ['nothing-thrown', tasks.countPolitely('nothing-thrown', HOUR)],
    ['nothing-returned', tasks.returnWhenAborted('nothing-returned')],
  ] as const) {
    const task = first.createTask<unknown>(coroutine, { job: { jobId } });
    await written(jobId);
    task.cancel();
    await rejects(async () => task, { code: 'ERR_PALITRA_CANCELLED' });
    await written(`aborted ${jobId}`);
    await untilGone(jobId);
    equal(second.run(tasks.double(21), { job: { jobId } }), 42);
  }
});

test(
  'who has joined a running job gets a result when its first caller gives up',
  { skip },
  async () => {
    const job = { jobId: 'running' };
    const own = first.createTask(tasks.countPolitely('running', HOUR), { job, timeout: HOUR });
    await written('counted running 1');
    const joined = second.createTask(tasks.countPolitely('running', 1), { job });
    // It has joined once it has looked what the job is.
    while (second.stats().inFlight === 0);
    own.cancel();
    await rejects(async () => own, { code: 'ERR_PALITRA_CANCELLED' });
    ok((await joined) >= 1);
    await written('aborted running 1');
    equal(outputs().match(/counted running/g)!.length, 2);
  },
);

test(
  'who has joined a waiting job has it added again when its first caller gives up',
  { skip },
  async () => {
    const [one, two] = idle;
    const job = { jobId: 'waiting' };
    const own = one.createTask(tasks.double(1), { job });
    while (one.stats().depth.waiting === 0);
    const joined = two.createTask(tasks.double(2), { job });
    while (two.stats().inFlight === 0);
    own.cancel();
    await rejects(async () => own, { code: 'ERR_PALITRA_CANCELLED' });
    const worker = await startWorker(redis.port, 'idle');
    equal(await joined, 4);
    await worker.end();
  },
);

test(
  'a cancellation ends the job that it is for, and no later one of the same jobId',
  { skip },
  async () => {
    const job = { jobId: 'again-and-again' };
    for (let round = 1; round <= 6; round++) {
      const task = first.createTask(tasks.countPolitely('again', HOUR), { job });
      while ((outputs().match(/counted again /g)?.length ?? 0) < 2 * round - 1) await sleep(5);
      task.cancel();
      await rejects(async () => task, { code: 'ERR_PALITRA_CANCELLED' });
      // Whichever worker runs it, it has read of the cancellation.
      equal(typeof second.run(tasks.countPolitely('again', 50), { job }), 'number');
      const kept = await queue.getJob('again-and-again');
      await kept!.remove();
    }
  },
);

test('the timeout of a call names the call, and claims no run that there was not', { skip }, () => {
  const [runner] = idle;
  throws(
    () => runner.run(tasks.double(1), { timeout: 195, job: { delay: HOUR } }),
    ({ message }: Error) => {
      match(
        message,
        /^tasks#double had not ended after 195 ms\. No worker of the queue "idle" has finished it/,
      );
      ok(!message.includes('has run for'), message);
      return true;
    },
  );
});
