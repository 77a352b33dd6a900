import { after, before, test } from 'node:test';
import { equal, ok, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import { coroutine, coroutines, isPalitraError, run, transfer, UncloneableError } from 'palitra';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { describeGraph } from '../support/graph.ts';
import { checkLeaks } from '../support/leaks.ts';
import { endWorkers, startWorker } from '../support/queue.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';
import { throwables, type ThrowableGroup } from '../values/throwables.ts';
import { values, type Group } from '../values/values.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');

/** What only a thread of the same process can be given. */
const stays =
  /Shared|shared|growable|resizable|Resizable|out of bounds|Blob|File|KeyObject|Certificate|BlockList|SocketAddress|among others/;

let redis: Server;
let runner: QueueRunner;
before(async () => {
  if (skip !== undefined) return;
  redis = await startRedis();
  await startWorker(redis.port, 'values', ['--size-limit', String(2 ** 24)]);
  runner = new QueueRunner({
    queue: 'values',
    connection: { host: '127.0.0.1', port: redis.port },
    timeout: 60_000,
    sizeLimit: 2 ** 24,
  });
});
after(async () => {
  runner?.close();
  await endWorkers();
  await redis?.stop();
});
checkLeaks({ per: 'file' });

for (const [group, cases] of Object.entries(values)) {
  test(`${group} arrive as between threads, or are refused with their path`, { skip }, () => {
    for (const [index, { name, make, expect }] of cases.entries()) {
      const value = make();
      let there: string;
      try {
        there = runner.run(tasks.describe(value));
      } catch (error) {
        if (name.includes('64 MiB')) {
          equal((error as { code?: unknown }).code, 'ERR_PALITRA_JOB_TOO_LARGE', name);
          continue;
        }
        ok(error instanceof UncloneableError, `${name}: ${String(error)}`);
        ok(error.path.startsWith('arguments[0]'), name);
        ok(stays.test(name), `${name} was refused: ${error.message}`);
        continue;
      }
      // Of a Buffer go its own bytes, whatever they lie in.
      const arriving = Buffer.isBuffer(value) ? new Uint8Array(value) : expect();
      const expected = describeGraph(arriving);
      equal(there, expected, `${name}, as an argument`);
      const back = runner.run(tasks.make(group as Group, index));
      equal(describeGraph(back), expected, `${name}, as a result`);
    }
  });
}

for (const [group, cases] of Object.entries(throwables)) {
  test(`${group} are thrown as themselves`, { skip }, () => {
    const thrown = runner.gather(
      cases.map((_, index) => tasks.throwCase(group as ThrowableGroup, index)),
      { returnExceptions: true },
    );
    for (const [index, { name, expect }] of cases.entries()) {
      const error: unknown = thrown[index];
      ok(!isPalitraError(error), `${name}: ${inspect(error)}`);
      equal(describeGraph(error), describeGraph(expect()), name);
    }
  });
}

test('of a small Buffer nothing leaves the process but its own bytes', { skip }, () => {
  const secret = Buffer.from('a secret in the pool');
  const small = Buffer.from('abc');
  equal(small.buffer, secret.buffer, 'both are in Node’s pool');
  equal(runner.run(tasks.describe(small)), describeGraph(new Uint8Array([97, 98, 99])));
});

const refused: Record<string, [() => unknown, path: string]> = {
  'a callback': [() => () => 1, 'arguments[0]'],
  'a callback in an object': [() => ({ on: { done: () => 1 } }), 'arguments[0].on.done'],
  'a transferred buffer': [
    () => {
      const bytes = new Uint8Array(8);
      return { bytes: transfer(bytes, [bytes.buffer]) };
    },
    'arguments[0].bytes',
  ],
  'shared memory': [() => [new SharedArrayBuffer(8)], 'arguments[0][0]'],
  'a coroutine': [() => coroutine(async () => 1)(), 'arguments[0]'],
  'a promise': [() => Promise.resolve(1), 'arguments[0]'],
};
for (const [name, [make, path]] of Object.entries(refused)) {
  test(`${name} is refused on the calling side, before anything is sent`, () => {
    // Nobody listens there, and nobody is asked.
    using unconnected = new QueueRunner({ queue: 'values', connection: { port: 1 } });
    throws(() => unconnected.run(tasks.echo(make())), { code: 'ERR_PALITRA_UNCLONEABLE', path });
    equal(unconnected.isAlive, false);
  });
}

test('a handle is refused on the calling side', () => {
  const { URL: RemoteURL } = coroutines<typeof import('node:url')>('node:url');
  const url = run(new RemoteURL('http://localhost/'));
  using unconnected = new QueueRunner({ queue: 'values', connection: { port: 1 } });
  throws(() => unconnected.run(tasks.echo(url)), {
    code: 'ERR_PALITRA_UNCLONEABLE',
    message: /a handle, whose object stays on its loop thread/,
  });
});

test(
  'arguments and results over the size limit are refused, and the next call works',
  { skip },
  () => {
    using small = new QueueRunner({
      queue: 'values',
      connection: { host: '127.0.0.1', port: redis.port },
      timeout: 60_000,
      sizeLimit: 1_000,
    });
    throws(() => small.run(tasks.echo('x'.repeat(1_000))), {
      code: 'ERR_PALITRA_JOB_TOO_LARGE',
      message: /The arguments of tasks#echo would be 1,0\d\d bytes, and the limit is 1,000/,
    });
    throws(() => small.run(tasks.text(2 ** 24)), {
      code: 'ERR_PALITRA_JOB_TOO_LARGE',
      message: /The result of tasks#text would be/,
    });
    equal(small.run(tasks.text(2 ** 18)).length, 2 ** 18);
  },
);
