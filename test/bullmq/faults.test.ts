import { after, afterEach, before, test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, rejects, throws } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { QueueRunner, remoteCoroutines, serve } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker, type QueueWorker } from '../support/queue.ts';
import {
  freePort,
  redisIsMissing as skip,
  startRedis,
  startScript,
  type Server,
} from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
/** A worker that dies is missed soon. */
const QUICK = ['--worker', 'lockDuration=600', '--worker', 'stalledInterval=300'];

let redis: Server;
let folder: string;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'palitra-faults-'));
});
afterEach(endWorkers);
after(async () => {
  if (skip !== undefined) return;
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});
checkLeaks({ per: 'file' });

function connect(queue: string, port = redis.port, options: object = {}): QueueRunner {
  return new QueueRunner({
    queue,
    connection: { host: '127.0.0.1', port },
    timeout: 60_000,
    ...options,
  });
}

/** Which of them wrote it. */
async function whoWrote(text: string, workers: readonly QueueWorker[]): Promise<QueueWorker> {
  const ended = new Error('a worker ended');
  return Promise.any(
    workers.map(async (worker) => {
      await worker.written(text).catch(() => Promise.reject(ended));
      return worker;
    }),
  );
}

test(
  'when a worker is killed in the middle of a job, another one runs it, as attempt 2',
  { skip },
  async () => {
    const workers = await Promise.all([0, 1].map(() => startWorker(redis.port, 'killed', QUICK)));
    using runner = connect('killed');
    const task = runner.createTask(tasks.parkOnce('killed'));
    const victim = await whoWrote('parked killed attempt 1', workers);
    equal(await victim.end('SIGKILL'), 'SIGKILL');
    const { attempt, pid } = await task;
    equal(attempt, 2);
    notEqual(pid, victim.pid);
    ok(workers.some((worker) => worker.pid === pid));
  },
);

test(
  'a caller that is blocked for a group gets all results although a worker dies',
  { skip },
  async () => {
    const workers = await Promise.all([0, 1].map(() => startWorker(redis.port, 'group', QUICK)));
    using runner = connect('group');
    const ids = Array.from({ length: 40 }, (_, id) => id);
    const [survivor, ...rest] = runner.gather([
      tasks.poisonOnce(),
      ...ids.map((id) => tasks.double(id)),
    ]);
    deepEqual(
      rest,
      ids.map((id) => 2 * id),
    );
    ok(workers.some(({ pid }) => pid === survivor));
  },
);

test(
  'a job that kills its workers fails after its second time, and is kept',
  { skip },
  async () => {
    await Promise.all([0, 1, 2].map(() => startWorker(redis.port, 'poison', QUICK)));
    using runner = connect('poison');
    throws(() => runner.run(tasks.poison(), { job: { jobId: 'poison' } }), {
      code: 'ERR_PALITRA_JOB_FAILED',
      jobId: 'poison',
      message: /tasks#poison failed as job poison: job stalled more than allowable limit/,
    });
    equal(runner.run(tasks.double(1)), 2);
    const queue = new Queue('poison', { connection: { port: redis.port, host: '127.0.0.1' } });
    const kept = await queue.getJob('poison');
    equal(await kept!.getState(), 'failed');
    equal(kept!.name, 'tasks#poison');
    await queue.close();
  },
);

test(
  'a job that throws is tried as often as it may be, fails with its own error, and is kept',
  { skip },
  async () => {
    await startWorker(redis.port, 'throws', QUICK);
    using runner = connect('throws');
    const job = { jobId: 'throws', attempts: 3, backoff: { type: 'fixed', delay: 20 } };
    const start = performance.now();
    throws(() => runner.run(tasks.failTimes(9), { job }), { message: 'attempt 3 of 3' });
    ok(performance.now() - start >= 40, 'backoff was waited for');
    const queue = new Queue('throws', { connection: { port: redis.port, host: '127.0.0.1' } });
    const [kept] = await queue.getFailed();
    equal(kept!.id, 'throws');
    equal(kept!.attemptsMade, 3);
    match(kept!.failedReason, /^Error: attempt 3 of 3\n/, 'a line for people comes first');
    match(kept!.stacktrace![0]!, /queue-tasks\.js/);
    await queue.close();
  },
);

test(
  'when all workers are gone the timeout holds, and the job is taken back',
  { skip },
  async () => {
    const worker = await startWorker(redis.port, 'gone', QUICK);
    using runner = connect('gone');
    equal(runner.run(tasks.double(1)), 2);
    const running = runner.createTask(tasks.ignore('gone'), { timeout: 3_000 });
    await worker.written('parked gone');
    await worker.end('SIGKILL');
    await rejects(async () => running, { code: 'ERR_PALITRA_TIMEOUT' });
    throws(() => runner.run(tasks.double(1), { timeout: 200 }), { code: 'ERR_PALITRA_TIMEOUT' });
    const later = await startWorker(redis.port, 'gone', QUICK);
    equal(runner.run(tasks.double(2)), 4);
    // What nobody waits for is not run again when its worker is missed.
    const { depth } = runner.stats();
    equal(depth.waiting + depth.delayed, 0);
    ok(!later.output.includes('parked gone attempt 2'));
  },
);

test(
  'Redis restarts with its data: calls in flight end, and callers and workers go on',
  { skip },
  async () => {
    const port = await freePort();
    let persistent = await startRedis({ port, folder });
    const worker = await startWorker(port, 'restart', ['--concurrency', '2']);
    using runner = connect('restart', port);
    const file = join(folder, 'go');
    const running = runner.createTask(tasks.awaitFile('restart', file));
    await worker.written('parked restart');
    await persistent.stop();
    // Asked for while there is no Redis.
    const meanwhile = runner.createTask(tasks.double(5));
    persistent = await startRedis({ port, folder });
    await writeFile(file, '');
    equal(await running, 1);
    equal(await meanwhile, 10);
    equal(runner.run(tasks.double(6)), 12);
    ok(!/^\s+at /m.test(worker.output), `a stack in the log: ${worker.output}`);
    await worker.end();
    await persistent.stop();
  },
);

test(
  'Redis restarts without its data: calls in flight fail with a typed error, and new ones work',
  { skip },
  async () => {
    const port = await freePort();
    let forgetful = await startRedis({ port });
    const worker = await startWorker(port, 'forgetful', ['--concurrency', '2']);
    using runner = connect('forgetful', port);
    const lost = runner.createTask(tasks.ignore('lost'));
    await worker.written('parked lost');
    await forgetful.stop();
    forgetful = await startRedis({ port });
    await rejects(async () => lost, {
      code: 'ERR_PALITRA_JOB_FAILED',
      message: /knows it no more/,
    });
    equal(runner.run(tasks.double(6)), 12);
    await worker.end();
    await forgetful.stop();
  },
);

test(
  'Redis that cannot be reached at the start is a typed error in bounded time',
  { skip },
  async () => {
    const port = await freePort();
    using runner = connect('nowhere', port, { connectTimeout: 400 });
    for (const use of [
      () => runner.run(tasks.double(1)),
      () => runner.gather([tasks.double(1), tasks.double(2)]),
      () => runner.createTask(tasks.double(1)).result(),
      () => runner.stats(),
    ]) {
      const start = performance.now();
      throws(use, { code: 'ERR_PALITRA_QUEUE_CONNECTION', message: /127\.0\.0\.1:\d+ for 400 ms/ });
      ok(performance.now() - start < 20_000);
    }
    const module = new URL('../fixtures/queue-tasks.js', import.meta.url);
    await rejects(
      serve({
        queue: 'nowhere',
        modules: { tasks: module },
        connection: { host: '127.0.0.1', port },
        connectTimeout: 400,
        log: false,
      }),
      { code: 'ERR_PALITRA_QUEUE_CONNECTION' },
    );
    // It is tried again for each call, so it may come later.
    const late = await startRedis({ port });
    await startWorker(port, 'nowhere');
    using again = connect('nowhere', port);
    equal(again.run(tasks.double(4)), 8);
    equal(runner.run(tasks.double(5), { timeout: 30_000 }), 10);
    await endWorkers();
    await late.stop();
  },
);

test(
  'a server that takes connections and says nothing is a typed error in bounded time',
  { skip },
  async () => {
    const silent = await startScript(
      `import { createServer } from 'node:net';
     const server = createServer(() => undefined).listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));`,
    );
    using runner = connect('silent', silent.port, { connectTimeout: 400 });
    throws(() => runner.run(tasks.double(1)), { code: 'ERR_PALITRA_QUEUE_CONNECTION' });
    throws(() => runner.stats(), { code: 'ERR_PALITRA_QUEUE_CONNECTION' });
    runner.close();
    await silent.stop();
  },
);

test('a wrong password is a typed error that says so, and does not repeat it', { skip }, () => {
  using runner = connect('password', redis.port, {
    connection: `redis://somebody:secret@127.0.0.1:${redis.port}`,
    connectTimeout: 400,
  });
  throws(
    () => runner.run(tasks.double(1)),
    (error: Error) => {
      equal((error as { code?: unknown }).code, 'ERR_PALITRA_QUEUE_CONNECTION');
      match(error.message, /WRONGPASS|password/i);
      ok(!error.message.includes('secret'));
      return true;
    },
  );
});
