// npm run bench:queue [-- --rounds n]: QueueRunner against BullMQ used by itself, on the same Redis. Takes both
// from the checkout (dist/ and node_modules/), so that they share one copy of BullMQ.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeEnvironment } from './harness/environment.mjs';
import { median, round } from './harness/statistics.mjs';
import { end, printed, startRedis } from './queue/redis.mjs';

const TIME_LIMIT_MS = 60_000;
const LIMIT = 1.2;
const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(options.rounds);
const environment = describeEnvironment(process.execPath);
const redis = await startRedis();
const processes = new Set();
const file = (name) => fileURLToPath(new URL(`queue/${name}.mjs`, import.meta.url));

try {
  const roundTrip = await compare('round-trip', { concurrency: 1 });
  const gather = await compare('gather-1000', { concurrency: 50 });
  const growth = await measureGrowth([1, 2, 4]);
  const result = {
    command: `npm run bench:queue -- --rounds ${rounds}`,
    ...environment,
    redis: redis.version,
    bullmq: version('bullmq'),
    ioredis: version('ioredis'),
    roundTrip,
    gather,
    growth,
  };
  const results = new URL('results/', import.meta.url);
  await mkdir(results, { recursive: true });
  await writeFile(new URL('queue.json', results), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
  if (!roundTrip.isMet || !gather.isMet) process.exitCode = 1;
} finally {
  await Promise.all([...processes].map(end));
  await redis.stop();
}

/** Both in turn, A B A B …, each time with a caller of its own; the workers stay. */
async function compare(question, { concurrency }) {
  const contenders = ['palitra', 'plain'];
  const queueOf = (contender) => `${question}-${contender}`;
  const workers = await Promise.all(
    contenders.map((contender) => startWorker(contender, queueOf(contender), concurrency)),
  );
  const answers = { palitra: [], plain: [] };
  for (let index = 0; index < rounds; index++) {
    for (const contender of index % 2 === 0 ? contenders : contenders.toReversed()) {
      answers[contender].push(await ask(contender, queueOf(contender), question));
    }
  }
  const workerCpu = workers.map(({ pid }) => cpuOf(pid));
  await Promise.all(workers.map(end));
  const ratios = answers.palitra.map(({ p50 }, index) => p50 / answers.plain[index].p50);
  const [palitra, plain] = contenders.map((contender, index) => ({
    ...summarize(answers[contender].map(({ callsInAll: _, ...answer }) => answer)),
    workerCpuPerCall: round(
      workerCpu[index] / answers[contender].reduce((sum, { callsInAll }) => sum + callsInAll, 0),
    ),
  }));
  const ratio = round(palitra.p50 / plain.p50);
  return {
    what:
      question === 'round-trip'
        ? 'a no-op, one call after the other; milliseconds a call'
        : 'a no-op, 1,000 at once, 50 at a time on one worker; milliseconds a thousand',
    palitra,
    plain,
    ratio,
    ratiosByRound: ratios.map(round),
    limit: LIMIT,
    isMet: ratio <= LIMIT,
  };
}

async function measureGrowth(counts) {
  const growth = [];
  for (const count of counts) {
    const queue = `growth-${count}`;
    const workers = await Promise.all(
      Array.from({ length: count }, () => startWorker('palitra', queue, 1)),
    );
    const { callsPerSecond } = await ask('palitra', queue, 'sleep');
    await Promise.all(workers.map(end));
    growth.push({ workers: count, callsPerSecond: round(callsPerSecond) });
  }
  const [one] = growth;
  return {
    what: 'a job that sleeps 20 ms, one at a time on each worker, 100 gathered',
    ideal: 'just under 50 calls a second for each worker',
    workers: growth.map((entry) => ({
      ...entry,
      timesOne: round(entry.callsPerSecond / one.callsPerSecond),
    })),
  };
}

async function startWorker(contender, queue, concurrency) {
  const args = [file('worker'), contender, redis.port, queue, concurrency].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.add(child);
  await printed(child, 'ready');
  return child;
}

/** What the caller says, and what Redis had to do for it, warming up included. */
async function ask(contender, queue, question) {
  const before = await redis.usage();
  const args = [file('caller'), contender, redis.port, queue, question].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
  try {
    let text = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
    const answer = JSON.parse(text);
    const after = await redis.usage();
    for (const key of Object.keys(after)) {
      answer[`redis${key[0].toUpperCase()}${key.slice(1)}PerCall`] =
        (after[key] - before[key]) / answer.callsInAll;
    }
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function summarize(answers) {
  return Object.fromEntries(
    Object.keys(answers[0]).map((key) => [key, round(median(answers.map((one) => one[key])))]),
  );
}

/** Microseconds of its processor that a process has used, as Linux counts them: in hundredths of a second. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return 10_000 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return NaN;
  }
}

function version(name) {
  const url = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).version;
}
