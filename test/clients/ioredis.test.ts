import { after, before, test } from 'node:test';
import type { Redis as IoRedis } from 'ioredis';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  get,
  iterate,
  keep,
  run,
  type Handle,
} from 'palitra';
import type { Expect } from '../types/expect.ts';
import { checkLeaks } from '../support/leaks.ts';
import { redisIsMissing as skip, startRedis, type Server } from '../support/servers.ts';

checkLeaks({ per: 'file' });

/**
 * The part of the client that is used here. `typeof import('ioredis')` works as well, but of a class with
 * eight constructors its last is kept, and of each command the last overload.
 */
interface Client {
  readonly status: string;
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Uint8Array>;
  set(key: string, value: string | Uint8Array): Promise<'OK'>;
  incr(key: string): Promise<number>;
  del(...keys: string[]): Promise<number>;
  hset(key: string, fields: Record<string, unknown>): Promise<number>;
  hgetall(key: string): Promise<Record<string, string>>;
  client(command: 'ID'): Promise<number>;
  info(section: string): Promise<string>;
  scanStream(options: { match: string; count: number }): AsyncIterable<string[]>;
  pipeline(): Pipeline;
  on(event: string, listener: (...args: string[]) => Promise<void>): this;
  off(event: string, listener: (...args: string[]) => Promise<void>): this;
  subscribe(channel: string): Promise<number>;
  publish(channel: string, message: string): Promise<number>;
  blpop(key: string, seconds: number): Promise<[string, string] | null>;
  rpush(key: string, value: string): Promise<number>;
  quit(): Promise<'OK'>;
}
interface Pipeline {
  incr(key: string): Pipeline;
  get(key: string): Pipeline;
  exec(): Promise<[Error | null, unknown][]>;
}
export type Names = Expect<keyof Client extends keyof IoRedis ? true : false>;
const { Redis } = coroutines<{ Redis: new (port: number, host: string) => Client }>(
  'ioredis',
  import.meta,
);

let server: Server;
let redis: Handle<Client>;
before(async () => {
  if (skip !== undefined) return;
  server = await startRedis();
  redis = run(new Redis(server.port, '127.0.0.1'));
});
after(() => server?.stop());

test('commands of the client are coroutines', { skip }, () => {
  equal(run(redis.set('key', 'wört')), 'OK');
  equal(run(redis.get('key')), 'wört');
  equal(run(redis.get('nothing')), null);
  deepEqual(run(redis.getBuffer('key')), new TextEncoder().encode('wört'));
  equal(run(redis.hset('hash', { a: 1, b: 'two' })), 2);
  deepEqual(run(redis.hgetall('hash')), { a: '1', b: 'two' });
  equal(run(get(redis, 'status')), 'ready');
});

test('one connection is kept between calls', { skip }, async () => {
  const ids = [run(redis.client('ID')), run(redis.client('ID'))];
  for (let index = 0; index < 500; index++) run(redis.set('many', String(index)));
  ids.push(...gather(redis.client('ID'), redis.client('ID')));
  ids.push(await createTask(redis.client('ID')));
  equal(new Set(ids).size, 1);
  match(run(redis.info('clients')), /connected_clients:1\r\n/);
  match(run(redis.info('stats')), /total_connections_received:1\r\n/);
});

test('gathered commands travel together', { skip }, () => {
  deepEqual(
    gather(Array.from({ length: 100 }, () => redis.incr('counter'))),
    [...Array(101).keys()].slice(1),
  );
});

test('an error of the server arrives as the client’s error', { skip }, () => {
  throws(
    () => run(redis.incr('key')),
    (error: unknown) => {
      ok(error instanceof Error);
      equal(error.name, 'ReplyError');
      match(error.message, /ERR value is not an integer/);
      deepEqual((error as { command?: unknown }).command, { name: 'incr', args: ['key'] });
      return true;
    },
  );
  equal(run(redis.get('key')), 'wört');
});

test('what the client streams can be iterated', { skip }, () => {
  gather(Array.from({ length: 250 }, (_, index) => redis.set(`scan:${index}`, 'x')));
  const keys = [...iterate(redis.scanStream({ match: 'scan:*', count: 20 }))].flat();
  equal(new Set(keys).size, 250);
});

test('a pipeline is built in place, from the handle', { skip }, () => {
  const incrementAndGet = coroutine(async (client: Client, key: string) =>
    client.pipeline().incr(key).incr(key).get(key).exec(),
  );
  run(redis.del('piped'));
  deepEqual(run(incrementAndGet(redis, 'piped')), [
    [null, 1],
    [null, 2],
    [null, '2'],
  ]);
});

test('listeners are kept callbacks, and can be removed', { skip }, async () => {
  using subscriber = run(new Redis(server.port, '127.0.0.1'));
  const messages: string[] = [];
  let arrived: (() => void) | undefined;
  const listener = keep(async (channel: string, message: string) => {
    messages.push(`${channel}: ${message}`);
    arrived?.();
  });
  run(run(subscriber.on('message', listener)).subscribe('news'));
  const next = new Promise<void>((resolve) => (arrived = resolve));
  equal(await createTask(redis.publish('news', 'first')), 1);
  const timer = setInterval(() => undefined, 1_000);
  await next;
  clearInterval(timer);
  run(subscriber.off('message', listener));
  equal(await createTask(redis.publish('news', 'second')), 1);
  run(subscriber.quit());
  deepEqual(messages, ['news: first']);
});

test(
  'a call that blocks on the server is ended by a timeout, and others go on meanwhile',
  { skip },
  () => {
    const waiting = run(new Redis(server.port, '127.0.0.1'));
    const task = createTask(waiting.blpop('queue', 0));
    throws(() => task.result({ timeout: 1 }), { code: 'ERR_PALITRA_TIMEOUT' });
    equal(run(redis.rpush('queue', 'job')), 1);
    deepEqual(task.result(), ['queue', 'job']);
    run(waiting.quit());
  },
);

test('a client belongs to its runner, and is gone with it', { skip }, () => {
  const runner = new EventLoopThreadRunner({ name: 'redis' });
  const own = runner.run(new Redis(server.port, '127.0.0.1'));
  ok(runner.run(own.client('ID')) !== run(redis.client('ID')));
  throws(() => run(own.client('ID')), { code: 'ERR_PALITRA_UNCLONEABLE' });
  runner.close();
  throws(() => own.client('ID'), { code: 'ERR_PALITRA_HANDLE_DISPOSED' });
  equal(run(redis.get('key')), 'wört');
});
