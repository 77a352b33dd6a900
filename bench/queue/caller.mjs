// node caller.mjs <palitra | plain> <port> <queue> <question>: asks, and prints one line of JSON.
import { Queue, QueueEvents } from 'bullmq';
import { QueueRunner, remoteCoroutines } from '../../dist/bullmq/index.js';
import { median, quantile } from '../harness/statistics.mjs';

/** Calls that are not measured: until then the optimizing compiler works on the other processor. */
const WARM_UP = 2_000;
/** Groups of a thousand that are not measured. */
const WARM_UP_GROUPS = 3;
const [contender, port, queueName, question] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(port) };
/** As QueueRunner's: both leave the same behind. */
const job = {
  removeOnComplete: { age: 3_600, count: 10_000 },
  removeOnFail: { age: 7 * 24 * 3_600 },
};

const caller = contender === 'palitra' ? openRunner() : await openQueue();
const questions = {
  'round-trip': () => time(1, 1_000, () => caller.one('echo', 1)),
  'gather-1000': () => time(1_000, 6, () => caller.many('echo', 1_000)),
  sleep: () => time(100, 3, () => caller.many('sleep', 100, 20)),
};
for (let warmUp = 0; warmUp < WARM_UP; warmUp++) await caller.one('echo', warmUp);
if (question === 'gather-1000') {
  for (let group = 0; group < WARM_UP_GROUPS; group++) await caller.many('echo', 1_000);
}
const values = await questions[question]();
console.log(JSON.stringify(values));
await caller.close();

/** Blocks. */
function openRunner() {
  const tasks = remoteCoroutines('tasks');
  const runner = new QueueRunner({ queue: queueName, connection, job, timeout: 60_000 });
  return {
    one: (name, value) => runner.run(tasks[name](value)),
    many: (name, count, value) =>
      runner.gather(Array.from({ length: count }, (_, index) => tasks[name](value ?? index))),
    close: () => runner.close(),
  };
}

/** Awaits. */
async function openQueue() {
  const queue = new Queue(queueName, { connection, defaultJobOptions: job });
  // Read from a mark: without it, an event that comes before the first read is lost, and its job waited
  // for without end.
  const lastEventId = await queue.getBackend().publishEvent({ event: 'start' }, 10_000);
  const events = new QueueEvents(queueName, { connection, lastEventId });
  await events.waitUntilReady();
  // Each call adds one of its own, and a thousand are no leak.
  events.setMaxListeners(0);
  queue.setMaxListeners(0);
  return {
    async one(name, value) {
      const added = await queue.add(name, [value]);
      return added.waitUntilFinished(events);
    },
    async many(name, count, value) {
      const added = await queue.addBulk(
        Array.from({ length: count }, (_, index) => ({ name, data: [value ?? index] })),
      );
      return Promise.all(added.map((one) => one.waitUntilFinished(events)));
    },
    async close() {
      await events.close();
      await queue.close();
    },
  };
}

/** Of `times` goes of `size` calls each; durations in milliseconds a go, and what they cost this process. */
async function time(size, times, go) {
  const durations = [];
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  for (let index = 0; index < times; index++) {
    const goStart = performance.now();
    await go();
    durations.push(performance.now() - goStart);
  }
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const calls = size * times;
  return {
    p50: median(durations),
    p99: quantile(
      durations.toSorted((a, b) => a - b),
      0.99,
    ),
    callsPerSecond: calls / seconds,
    callerCpuPerCall: (user + system) / calls,
    calls,
    callsInAll: calls + WARM_UP + (size === 1_000 ? WARM_UP_GROUPS * size : 0),
  };
}
