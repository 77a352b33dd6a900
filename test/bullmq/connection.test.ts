import { test } from 'node:test';
import { equal, match, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import {
  QueueRunner,
  remoteCoroutines,
  serve,
  type QueueConnection,
  type QueueServer,
} from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';
import {
  freePort,
  redisIsMissing as skip,
  startRedis,
  startSentinel,
  startTlsRedis,
} from '../support/servers.ts';

const tasks = remoteCoroutines<typeof import('../fixtures/queue-tasks.ts')>('tasks');
const modules = { tasks: new URL('../fixtures/queue-tasks.js', import.meta.url) };
checkLeaks({ per: 'file' });

const refused: [connection: any, message: RegExp][] = [
  [[{ host: 'redis', port: 6379 }], /one address and not a list.*Redis Cluster/],
  [{ nodes: [{ host: 'redis' }] }, /connection\.nodes is no option:.*Redis Cluster/],
  [{ redisOptions: { host: 'redis' } }, /connection\.redisOptions is no option/],
  [{ socket: { host: 'redis' } }, /host and port stand in the connection itself/],
  [{ hostname: 'redis' }, /it is called host/],
  [{ uri: 'redis://redis' }, /it is called url/],
  [{ host: 'redis', user: 'me' }, /it is called username/],
  [{ keyPrefix: 'shop:' }, /write prefix beside connection/],
  [{ hots: 'redis' }, /has no option hots: did you mean host\?/],
  [{ host: 'redis', prot: 6380 }, /has no option prot: did you mean port\?/],
  [{ host: 'redis', passwrod: 'x' }, /did you mean password\?/],
  [{ bootstrap: 'redis' }, /does not say where Redis is/],
  [{ host: 7 }, /connection\.host is a text/],
  [{ host: '' }, /connection\.host is a text, not an empty one/],
  [{ host: 'redis', port: 'six' }, /connection\.port is a number from 1 to 65535/],
  [{ host: 'redis', port: 0 }, /connection\.port is a number/],
  [{ host: 'redis', port: 65_536 }, /connection\.port is a number/],
  [{ host: 'redis', db: -1 }, /connection\.db is the number of a database/],
  [{ host: 'redis', tls: 'yes' }, /connection\.tls is an object/],
  [{ url: 'http://redis' }, /connection is a URL such as/],
  [{ url: 7 }, /connection\.url is a URL/],
  [new URL('http://redis'), /connection is a URL such as/],
  [{ sentinels: [] }, /connection\.sentinels is a list of addresses/],
  [{ sentinels: { host: 'a' }, name: 'm' }, /connection\.sentinels is a list/],
  [{ sentinels: ['a:26379'], name: 'm' }, /connection\.sentinels\[0\] is an address/],
  [{ sentinels: [{ host: 'a' }] }, /connection\.name is missing/],
  [new Map([['host', 'redis']]), /plain object/],
  ['localhost:6379', /connection is a URL/],
  ['http://me:secret@redis', /connection is a URL/],
  [7, /connection is a redis: URL/],
  [null, /connection is a redis: URL/],
];
for (const [connection, message] of refused) {
  test(`a connection that would end up elsewhere is refused on both sides: ${String(message)}`, async () => {
    const isRight = (error: Error): boolean => {
      equal(error.name, 'TypeError');
      match(error.message, message);
      ok(!error.message.includes('secret'), error.message);
      return true;
    };
    throws(() => new QueueRunner({ queue: 'q', connection }), isRight);
    await rejects(serve({ queue: 'q', modules, connection, log: false }), isRight);
  });
}

test('the client’s own options pass, and those that it does not have yet', () => {
  const accepted: QueueConnection[] = [
    {},
    { host: 'redis', port: '6380' as never, db: 2, family: 6, username: 'u', password: '' },
    { host: 'redis', keepAlive: 1_000, noDelay: true, connectionName: 'me', connectTimeout: 500 },
    { host: 'redis', commandTimeout: 100, enableReadyCheck: false, protocol: 2, tls: {} },
    { host: 'redis', password: undefined as never, tls: null },
    { host: 'redis', somethingQuiteNew: true },
    { path: '/run/redis.sock' },
    '/run/redis.sock',
    'rediss://u:p@redis:6380/1',
    new URL('redis://redis:6380'),
    { url: new URL('redis://redis:6380') as never, tls: { servername: 'redis' } },
    Object.assign(Object.create(null) as object, { host: 'redis' }),
    { sentinels: [{ host: 'a' }, { host: 'b', port: 26_380 }], name: 'm', sentinelPassword: 'x' },
  ];
  for (const connection of accepted) ok(new QueueRunner({ queue: 'q', connection }));
});

/** A worker in this process, and two runners, one of which is closed in the middle. */
async function callThrough(connection: QueueConnection, queue: string): Promise<QueueServer> {
  const server = await serve({ queue, modules, connection, log: false, handleSignals: false });
  using one = new QueueRunner({ queue, connection, timeout: 60_000 });
  using two = new QueueRunner({ queue, connection, timeout: 60_000 });
  equal(await one.createTask(tasks.double(21)), 42);
  equal(await two.createTask(tasks.double(4)), 8);
  return server;
}

test('a URL object, a path of a socket and its options lead to Redis', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-socket-'));
  const socket = join(folder, 'redis.sock');
  const redis = await startRedis({ args: ['--unixsocket', socket] });
  const connections: QueueConnection[] = [
    new URL(`redis://127.0.0.1:${redis.port}`),
    { url: `redis://127.0.0.1:${redis.port}/1` },
    { host: '127.0.0.1', port: String(redis.port) as never },
    socket,
    { path: socket, db: 2 },
  ];
  for (const [index, connection] of connections.entries()) {
    await (await callThrough(connection, `way-${index}`)).close();
  }
  await redis.stop();
  rmSync(folder, { recursive: true });
});

test(
  'a Redis behind TLS is spoken to with its certificate, and refused without',
  { skip },
  async () => {
    const redis = await startTlsRedis();
    const tls = { ca: redis.certificate };
    const { port } = redis;
    const connections: QueueConnection[] = [
      { host: 'localhost', port, tls },
      { host: '127.0.0.1', port, tls: { ca: Buffer.from(redis.certificate) } },
      { url: `rediss://127.0.0.1:${port}`, tls },
    ];
    for (const [index, connection] of connections.entries()) {
      await (await callThrough(connection, `tls-${index}`)).close();
    }
    using stranger = new QueueRunner({
      queue: 'tls-0',
      connection: new URL(`rediss://u:secret@127.0.0.1:${port}`),
      connectTimeout: 400,
    });
    await rejects(
      async () => stranger.createTask(tasks.double(1)),
      ({ message, ...error }: Error) => {
        equal((error as { code?: unknown }).code, 'ERR_PALITRA_QUEUE_CONNECTION');
        match(message, /self-signed certificate/);
        ok(!message.includes('secret'), message);
        return true;
      },
    );
    stranger.close();
    await redis.stop();
  },
);

test(
  'through a Sentinel, callers and workers follow the master to another Redis',
  { skip },
  async () => {
    const master = await startRedis();
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    const observer = new Redis(replica.port, '127.0.0.1');
    observer.on('error', () => undefined);
    while (!(await observer.info('replication')).includes('master_link_status:up'));
    const sentinel = await startSentinel(master.port);
    const watcher = new Redis(sentinel.port, '127.0.0.1', { enableReadyCheck: false });
    // It asks the master for its replicas.
    while (((await watcher.call('SENTINEL', 'replicas', 'mymaster')) as unknown[]).length === 0);
    const connection = {
      sentinels: [
        { host: '127.0.0.1', port: await freePort() },
        { host: '127.0.0.1', port: sentinel.port },
      ],
      name: 'mymaster',
    };
    const server = await callThrough(connection, 'sentinel');
    using runner = new QueueRunner({
      queue: 'sentinel',
      connection,
      timeout: 90_000,
      connectTimeout: 80_000,
    });
    equal(await runner.createTask(tasks.double(3)), 6);
    await watcher.subscribe('+switch-master');
    const switched = once(watcher, 'message');
    await master.stop();
    await switched;
    equal(await runner.createTask(tasks.double(5)), 10);
    watcher.disconnect();
    await server.close();
    runner.close();
    observer.disconnect();
    await sentinel.stop();
    await replica.stop();
  },
);

test(
  'sentinels that cannot be reached, or do not know the name, are named in the error',
  { skip },
  async () => {
    const port = await freePort();
    const redis = await startRedis();
    const sentinel = await startSentinel(redis.port);
    for (const [sentinels, name] of [
      [[{ host: '127.0.0.1', port }], 'mymaster'],
      [[{ host: '127.0.0.1', port: sentinel.port }], 'nobody'],
    ] as const) {
      using runner = new QueueRunner({
        queue: 'q',
        connection: { sentinels, name },
        connectTimeout: 400,
      });
      const [{ port: asked }] = sentinels;
      await rejects(async () => runner.createTask(tasks.double(1)), {
        code: 'ERR_PALITRA_QUEUE_CONNECTION',
        message: new RegExp(
          `at the master "${name}" of the sentinels 127\\.0\\.0\\.1:${asked} for 400 ms`,
        ),
      });
    }
    await sentinel.stop();
    await redis.stop();
  },
);
