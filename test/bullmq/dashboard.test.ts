import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Queue } from 'bullmq';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');

type ServerAdapter = Parameters<typeof createBullBoard>[0]['serverAdapter'];
type Routes = Parameters<ServerAdapter['setApiRoutes']>[0];
type Queues = Parameters<ServerAdapter['setQueues']>[0];

/** The dashboard of the field, Bull Board, asked as its page in the browser asks; only HTTP is left out. */
class Board {
  #routes: Routes = [];
  #queues: Queues = new Map();

  constructor(queue: Queue) {
    const serverAdapter: ServerAdapter = {
      setQueues: (queues) => ((this.#queues = queues), serverAdapter),
      setApiRoutes: (routes) => ((this.#routes = routes), serverAdapter),
      setViewsPath: () => serverAdapter,
      setStaticPath: () => serverAdapter,
      setEntryRoute: () => serverAdapter,
      setErrorHandler: () => serverAdapter,
      setUIConfig: () => serverAdapter,
    };
    createBullBoard({
      queues: [new BullMQAdapter(queue)],
      serverAdapter,
      // An answer that its page could not read is an error.
      options: { validateResponses: true, uiConfig: {} },
    });
  }

  async ask(route: string, params: object = {}, query: object = {}): Promise<unknown> {
    const found = this.#routes.find((one) => [one.route].flat().includes(route))!;
    const answer = await found.handler({
      queues: this.#queues,
      uiConfig: {},
      query: { ...query },
      params: { queueName: 'board', ...params },
      body: {},
      headers: {},
    });
    ok((answer.status ?? 200) < 300, `${route}: ${JSON.stringify(answer)}`);
    return answer.body;
  }

  async job(jobId: string): Promise<{ readonly job: SeenJob; readonly status: string }> {
    return (await this.ask('/api/queues/:queueName/:jobId', { jobId })) as never;
  }

  async queue(status: string): Promise<SeenQueue> {
    const query = { activeQueue: 'board', status, page: '1', jobsPerPage: '10' };
    const { queues } = (await this.ask('/api/queues', {}, query)) as { queues: SeenQueue[] };
    return queues[0]!;
  }
}

interface SeenQueue {
  readonly name: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly jobs: readonly SeenJob[];
  readonly hasWorkers: boolean;
}

interface SeenJob {
  readonly id: string;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly returnValue: Readonly<Record<string, unknown>> | null;
  readonly progress: unknown;
  readonly failedReason?: string;
  readonly isFailed: boolean;
}

let redis: Server;
let runner: QueueRunner;
let queue: Queue;
let board: Board;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  const connection = { host: '127.0.0.1', port: redis.port };
  await startWorker(redis.port, 'board');
  runner = new QueueRunner({ queue: 'board', connection, timeout: 60_000 });
  queue = new Queue('board', { connection });
  board = new Board(queue);
});
after(async () => {
  runner?.close();
  await queue?.close();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

test(
  'Bull Board shows a job: its name, data, result, progress and log, and that there are workers',
  { skip },
  async () => {
    equal(runner.run(tasks.reportAndLog(2), { job: { jobId: 'seen' } }), 'reported');
    const { job, status } = await board.job('seen');
    equal(status, 'completed');
    equal(job.name, 'tasks#reportAndLog');
    deepEqual(Object.keys(job.data).toSorted(), ['call', 'caller', 'palitra']);
    deepEqual(Object.keys(job.returnValue!).toSorted(), ['palitra', 'ranMs', 'value']);
    deepEqual(job.progress, { step: 2 });
    equal(job.isFailed, false);
    const logs = await board.ask('/api/queues/:queueName/:jobId/logs', { jobId: 'seen' });
    match(JSON.stringify(logs), /step 1.*step 2/);
    const seen = await board.queue('completed');
    equal(seen.name, 'board');
    equal(seen.hasWorkers, true);
    equal(seen.counts['completed'], 1);
    deepEqual(
      seen.jobs.map(({ id }) => id),
      ['seen'],
    );
  },
);

test('Bull Board shows why a job failed, and its button runs it again', { skip }, async () => {
  throws(
    () => runner.run(tasks.failTimes(1), { job: { jobId: 'again', attempts: 1 } }),
    /attempt 1 of 1/,
  );
  const { jobs, counts } = await board.queue('failed');
  equal(counts['failed'], 1);
  equal(jobs[0]!.isFailed, true);
  match(jobs[0]!.failedReason!, /^Error: attempt 1 of 1\n/);
  await board.ask('/api/queues/:queueName/:jobId/retry', { jobId: 'again' });
  while ((await board.job('again')).status !== 'completed');
  equal((await board.queue('failed')).counts['failed'], 0);
});
