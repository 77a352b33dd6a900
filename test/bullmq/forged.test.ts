import { after, before, test } from 'node:test';
import { equal, match, ok, throws } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Queue, QueueEvents, type JobsOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { createProject, type Project } from '../support/project.ts';
import { endWorkers, startWorker, type QueueWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');

let server: Server;
let worker: QueueWorker;
let runner: QueueRunner;
/** What somebody has who can write to Redis. */
let queue: Queue;
let events: QueueEvents;
let redis: Redis;
let project: Project;
/** The data of a genuine call, `double(21)`. */
let genuine: unknown;

before(async () => {
  if (skip !== undefined) return;
  server = await startRedis();
  project = await createProject({});
  const args = ['--concurrency', '4', '--worker', 'stalledInterval=500'];
  worker = await startWorker(server.port, 'forged', [...args, '--worker', 'lockDuration=1000']);
  const connection = { host: '127.0.0.1', port: server.port };
  runner = new QueueRunner({ queue: 'forged', connection, timeout: 60_000 });
  queue = new Queue('forged', { connection });
  events = new QueueEvents('forged', { connection });
  // One of the tests writes events that it cannot read.
  events.on('error', () => undefined);
  redis = new Redis(server.port, '127.0.0.1');
  equal(runner.run(tasks.double(21), { job: { jobId: 'genuine' } }), 42);
  genuine = (await queue.getJob('genuine'))!.data;
});
after(async () => {
  if (skip !== undefined) return;
  runner.close();
  await events.close();
  await queue.close();
  redis.disconnect();
  await endWorkers();
  await server.stop();
  await project.remove();
});
checkLeaks({ per: 'file' });

/** Adds a job as anybody can, and waits for why it failed. */
async function forge(
  name: string,
  data: unknown = genuine,
  options: JobsOptions = {},
): Promise<string> {
  const job = await queue.add(name, data, options);
  try {
    await job.waitUntilFinished(events, 60_000);
  } catch (error) {
    const [summary] = (error as Error).message.split('\n');
    await worker.written(`(job ${job.id}, attempt 1 of`);
    return summary!;
  }
  throw new Error(`${name} was executed`);
}

/** The worker is as good as before. */
function goesOn(): void {
  equal(runner.run(tasks.double(1)), 2);
}

test(
  'a job that names a path, a URL or source text fails, is logged, and imports nothing',
  { skip },
  async () => {
    const file = project.path('evil.mjs');
    const evil = `process.stdout.write('\\nEVIL WAS IMPORTED\\n'); export default () => 1; export const run = () => 1;`;
    await writeFile(file, evil);
    for (const name of [
      `${file}#run`,
      `${project.url('evil.mjs').href}#run`,
      project.url('evil.mjs').href,
      `data:text/javascript,${evil}#default`,
      `data:text/javascript,${encodeURIComponent(evil)}#run`,
      `../../${file}#run`,
      `tasks/../${file}#run`,
      'node:fs#rmSync',
      'fs#rmSync',
      'node:child_process#execSync',
      'bullmq#Queue',
      `() => { ${evil} }#default`,
      `#default`,
      '#',
      '',
      'tasks',
      'Tasks#double',
      'tasks #double',
      '__proto__#toString',
      'constructor#constructor',
      'toString#call',
    ]) {
      match(await forge(name), /is of no module that is registered on this worker/, name);
    }
    equal(/^EVIL/m.test(worker.output), false);
    goesOn();
  },
);

test(
  'a job that names what a module inherits, or exports without its being a function, fails',
  { skip },
  async () => {
    for (const path of [
      'constructor',
      '__proto__',
      'toString',
      'hasOwnProperty',
      'valueOf',
      '__defineGetter__',
      'double.constructor',
      'double.call',
      'double.bind',
      'double.prototype',
      'users.constructor',
      'users.find.constructor',
      'users.__proto__.constructor',
      'users.toString',
      'Session.prototype.constructor',
      'limit',
      'limit.toFixed',
      'default',
      'default.constructor',
      'default.answer.constructor',
      'users',
      'missing',
      'double#double',
    ]) {
      match(await forge(`tasks#${path}`), /The module tasks exports no function/, path);
    }
    for (const path of ['', '.', 'double.', '.double', 'users..find']) {
      match(await forge(`tasks#${path}`), /of no module that is registered/, path);
    }
    goesOn();
  },
);

test(
  'a forged name breaks no line of the log, and is not repeated at length',
  { skip },
  async () => {
    const before = worker.output.length;
    await forge(`x\n2026-01-01T00:00:00.000Z palitra: all is well\u001b[2J\u0085#f`);
    await forge(`${'y'.repeat(1_000_000)}#f`);
    const logged = worker.output.slice(before);
    ok(!/^2026-01-01/m.test(logged));
    ok(!logged.includes('\u001b') && !logged.includes('\u0085'));
    ok(logged.length < 20_000, `${logged.length} characters`);
  },
);

test('a job whose data is no call fails, and is not tried again', { skip }, async () => {
  const call = (genuine as { call: string }).call;
  for (const [data, message] of [
    [{}, /it was not added by a QueueRunner/],
    [null, /it was not added by a QueueRunner/],
    ['tasks#double', /it was not added by a QueueRunner/],
    [[1], /it was not added by a QueueRunner/],
    [{ palitra: 2, call }, /it was not added by a QueueRunner/],
    [{ palitra: 1, call: [call] }, /it was not added by a QueueRunner/],
    [{ palitra: 1, call: '' }, /version undefined/],
    [{ palitra: 1, call: call.slice(0, -4) }, /palitra:|version/],
    [{ palitra: 1, call: Buffer.alloc(100_000, 20).toString('base64') }, /version 20/],
    [
      { palitra: 1, call: Buffer.from([1, 0, 1, 11, 255, 255, 255, 255, 15]).toString('base64') },
      /ends in the middle/,
    ],
  ] as const) {
    match(await forge('tasks#double', data, { attempts: 3 }), message);
  }
  goesOn();
});

test('a job that is no JSON does not hold up the worker', { skip }, async () => {
  const job = await queue.add('tasks#double', genuine, { delay: 60_000 });
  await redis.hset(`bull:forged:${job.id}`, { data: '{"palitra":1,', opts: '{"attempts":1}' });
  await job.promote();
  for (let call = 0; call < 10; call++) goesOn();
  const odd = await queue.add('tasks#double', genuine, { delay: 60_000 });
  await redis.hset(`bull:forged:${odd.id}`, { opts: 'no JSON' });
  await odd.promote();
  for (let call = 0; call < 10; call++) goesOn();
});

test(
  'names of shared contexts that are made up do not pile up in the worker',
  { skip },
  async () => {
    const context = (name: string): string =>
      Buffer.from([1, 1, 7, name.length, ...Buffer.from(name), 128, 0]).toString('base64');
    const reasons: string[] = [];
    for (let index = 0; index < 120; index++) {
      const data = { palitra: 1, call: context(`made up ${index}`), caller: 'x' };
      const job = await queue.add('tasks#whoRanIt', data);
      const outcome = await job
        .waitUntilFinished(events, 60_000)
        .catch((error: Error) => error.message);
      if (typeof outcome === 'string') reasons.push(outcome);
    }
    equal(reasons.length, 20);
    match(reasons[0]!, /100 such names have come already/);
    goesOn();
  },
);

test('events that cannot be read stop neither a runner nor a worker', { skip }, async () => {
  const start = performance.now();
  const broken = [
    ['event', 'progress', 'jobId', '1', 'data', 'no JSON'],
    ['event', 'completed', 'jobId', '1'],
    ['event', 'failed', 'jobId', '1'],
    ['jobId', '1'],
    ['event', '__proto__', 'jobId', '__proto__'],
    ['event', 'cancel', 'reason', 'AAAA'],
    ['event', 'cancel', 'jobId', 'nobody', 'reason', '%%%'],
    ['event', 'error'],
  ];
  for (const fields of broken) {
    await redis.xadd('bull:forged:events', '*', ...fields);
    await redis.xadd('bull:forged-cancel:events', '*', ...fields);
    goesOn();
  }
  // Not because jobs that are old are looked for.
  ok(performance.now() - start < 25_000);
  const task = runner.createTask(tasks.park('after broken events'));
  await worker.written('parked after broken events');
  task.cancel();
  await worker.written('aborted after broken events by CancelledError');
  throws(() => task.result(), { code: 'ERR_PALITRA_CANCELLED' });
});

test('a result that is none of palitra’s is an error of that call alone', { skip }, async () => {
  using unserved = new QueueRunner({
    queue: 'unserved',
    connection: { host: '127.0.0.1', port: server.port },
    timeout: 60_000,
  });
  for (const [returnValue, message] of [
    ['42', /its worker is not one of serve\(\)/],
    ['null', /its worker is not one of serve\(\)/],
    ['{"palitra":1,"value":7}', /its worker is not one of serve\(\)/],
    ['{"palitra":1,"value":""}', /version undefined/],
    ['{"palitra":1,"value":"AQ=="}', /unknown tag/],
    [`{"palitra":1,"value":"${Buffer.from([1, 7, 200, 1]).toString('base64')}"}`, /cut off/],
    ['no JSON', /./],
  ] as const) {
    const jobId = `forged-${returnValue.length}`;
    const task = unserved.createTask(tasks.double(1), { job: { jobId } });
    // It may have failed before it is looked at below.
    task.catch(() => undefined);
    while ((await redis.exists(`bull:unserved:${jobId}`)) === 0) unserved.stats();
    const fields = [
      'event',
      'completed',
      'jobId',
      jobId,
      'returnvalue',
      returnValue,
      'prev',
      'active',
    ];
    await redis.hset(`bull:unserved:${jobId}`, { returnvalue: returnValue, finishedOn: 1 });
    await redis.lrem('bull:unserved:wait', 0, jobId);
    await redis.zadd('bull:unserved:completed', 1, jobId);
    await redis.xadd('bull:unserved:events', '*', ...fields);
    throws(
      () => task.result({ timeout: 30_000 }),
      (error: Error & { code?: unknown; jobId?: unknown }) => {
        equal(error.code, 'ERR_PALITRA_JOB_FAILED', returnValue);
        equal(error.jobId, jobId);
        match(error.message, message);
        return true;
      },
    );
  }
});
