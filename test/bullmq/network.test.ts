import { after, before, beforeEach, test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { endWorkers, startWorker, type QueueWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const CONNECT_MS = 2_000;

let redis: Server;
let proxy: Proxy;
let worker: QueueWorker;
let runner: QueueRunner;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  proxy = await startProxy(redis.port);
  worker = await startWorker(redis.port, 'network', ['--concurrency', '8']);
  runner = new QueueRunner({
    queue: 'network',
    connection: { host: '127.0.0.1', port: proxy.port },
    timeout: 60_000,
    connectTimeout: CONNECT_MS,
  });
  equal(runner.run(tasks.double(1)), 2);
});
beforeEach(() => proxy?.set({}));
after(async () => {
  runner?.close();
  await endWorkers();
  await proxy?.stop();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

const ids = Array.from({ length: 200 }, (_, id) => id);

test(
  'over a slow network a call takes as long as its journeys, and a group as long as one call',
  { skip },
  async () => {
    await proxy.set({ delay: 50 });
    const start = performance.now();
    equal(runner.run(tasks.double(21)), 42);
    const oneMs = performance.now() - start;
    ok(oneMs >= 100, `${oneMs} ms`);
    deepEqual(
      runner.gather(ids.map((id) => tasks.double(id))),
      ids.map((id) => 2 * id),
    );
    const groupMs = performance.now() - start - oneMs;
    ok(groupMs < ids.length * 100, `${groupMs} ms: one journey for each`);
  },
);

test('bytes that arrive a few at a time make the same results', { skip }, async () => {
  await proxy.set({ piece: 3 });
  equal(runner.run(tasks.echo('täxt '.repeat(500))), 'täxt '.repeat(500));
  deepEqual(
    runner.gather(ids.slice(0, 20).map((id) => tasks.double(id))),
    ids.slice(0, 20).map((id) => 2 * id),
  );
});

test(
  'a call whose connections are cut gets its result all the same, and runs once',
  { skip },
  async () => {
    const task = runner.createTask(tasks.count('cut', 1_000));
    await worker.written('counted cut 1');
    await proxy.cut();
    equal(await task, 1);
    equal(runner.run(tasks.count('cut', 0)), 2);
  },
);

test(
  'while connections are cut again and again, every call of a group runs once and comes back',
  { skip },
  async () => {
    using patient = new QueueRunner({
      queue: 'network',
      connection: { host: '127.0.0.1', port: proxy.port },
      timeout: 60_000,
      connectTimeout: 30_000,
    });
    equal(patient.run(tasks.double(1)), 2);
    const coroutines = Array.from({ length: 60 }, (_, index) =>
      tasks.count(`often ${index}`, 25 * index),
    );
    const all = Promise.all(coroutines.map((coroutine) => patient.createTask(coroutine)));
    all.catch(() => undefined);
    // BullMQ's clients wait for a second before they connect again.
    for (const ms of [50, 1_300, 20, 1_500]) {
      await sleep(ms);
      await proxy.cut();
    }
    deepEqual(
      await all,
      Array.from(coroutines, () => 1),
    );
  },
);

test(
  'when the network is gone for too long calls fail, and work again when it is back',
  { skip },
  async () => {
    equal(
      eventually(() => runner.run(tasks.double(1))),
      2,
    );
    const inFlight = runner.createTask(tasks.ignore('gone'));
    await worker.written('parked gone');
    await proxy.set({ isDown: true });
    await proxy.cut();
    const start = performance.now();
    throws(() => inFlight.result({ timeout: 30_000 }), { code: 'ERR_PALITRA_QUEUE_CONNECTION' });
    throws(() => runner.run(tasks.double(1)), { code: 'ERR_PALITRA_QUEUE_CONNECTION' });
    ok(performance.now() - start >= CONNECT_MS - 50);
    await proxy.set({});
    equal(
      eventually(() => runner.run(tasks.double(1))),
      2,
    );
  },
);

test('a connection on which nobody answers fails the call in bounded time', { skip }, async () => {
  await proxy.set({ isSilent: true });
  const start = performance.now();
  throws(() => runner.run(tasks.double(1)), { code: 'ERR_PALITRA_QUEUE_CONNECTION' });
  ok(performance.now() - start >= CONNECT_MS - 50);
  throws(() => runner.stats(), { code: 'ERR_PALITRA_QUEUE_CONNECTION' });
  // Those connections will never bring anything any more.
  await proxy.set({});
  await proxy.cut();
  equal(
    eventually(() => runner.run(tasks.double(1))),
    2,
  );
});

test('close() ends in bounded time when nobody answers', { skip }, async () => {
  const closing = new QueueRunner({
    queue: 'network',
    connection: { host: '127.0.0.1', port: proxy.port },
    connectTimeout: CONNECT_MS,
    shutdownTimeout: 1_000,
  });
  equal(closing.run(tasks.double(1)), 2);
  await proxy.set({ isSilent: true });
  const start = performance.now();
  closing.close();
  ok(performance.now() - start < 20_000);
  await proxy.set({});
  await proxy.cut();
});

test(
  'a worker that loses its connections takes jobs again once they are back',
  { skip },
  async () => {
    const cable = await startProxy(redis.port);
    const far = await startWorker(cable.port, 'far', []);
    using farRunner = new QueueRunner({
      queue: 'far',
      connection: { host: '127.0.0.1', port: redis.port },
      timeout: 60_000,
    });
    equal(farRunner.run(tasks.double(1)), 2);
    const task = farRunner.createTask(tasks.count('far', 500));
    await far.written('counted far 1');
    await cable.cut();
    equal(await task, 1);
    await cable.set({ isDown: true });
    await cable.cut();
    const waiting = farRunner.createTask(tasks.double(2));
    await sleep(300);
    await cable.set({});
    equal(await waiting, 4);
    // And it still hears that nobody waits.
    const parked = farRunner.createTask(tasks.park('far'));
    await far.written('parked far');
    parked.cancel();
    await far.written('aborted far by CancelledError');
    await parked.then(undefined, () => undefined);
    await far.end();
    await cable.stop();
  },
);

/** Calls fail at once until the client has tried the connection again. */
function eventually<T>(call: () => T): T {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_PALITRA_QUEUE_CONNECTION') throw error;
      if (performance.now() > deadline) throw error;
    }
  }
}
