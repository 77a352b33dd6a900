import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import type { Pool as UndiciPool } from 'undici';
import { coroutine, coroutines, createTask, gather, get, run, type Handle } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';
import { startScript, type Server } from '../support/servers.ts';

checkLeaks({ per: 'file' });

/** Counts connections and requests; `/counts` tells them, `/close` ends the connection after it. */
const SERVER = `
  import { createServer } from 'node:http';
  const counts = { connections: 0, requests: 0 };
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
    counts.requests += 1;
    if (request.url === '/counts') return response.end(JSON.stringify(counts));
    if (request.url === '/close') response.shouldKeepAlive = false;
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text));
    request.on('end', () => response.end(request.method + ' ' + request.url + ' ' + body));
  });
  server.on('connection', () => (counts.connections += 1));
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
`;

interface Counts {
  readonly connections: number;
  readonly requests: number;
}

const { Pool } = coroutines<typeof import('undici')>('undici', import.meta);

/** A response holds a stream, which stays: what is wanted of it is read where it is. */
const request = coroutine(async (pool: UndiciPool, path: string, body?: string) => {
  const response = await pool.request({
    path,
    method: body === undefined ? 'GET' : 'POST',
    body: body ?? null,
  });
  return { status: response.statusCode, text: await response.body.text() };
});

let server: Server;
let pool: Handle<UndiciPool>;
before(async () => {
  server = await startScript(SERVER);
  pool = run(new Pool(`http://127.0.0.1:${server.port}`, { connections: 1 }));
});
after(() => server.stop());

function counts(): Counts {
  return JSON.parse(run(request(pool, '/counts')).text) as Counts;
}

test('a pool is constructed on the loop thread, and its requests are made there', () => {
  deepEqual(run(request(pool, '/a')), { status: 200, text: 'GET /a ' });
  deepEqual(run(request(pool, '/b', 'text')), { status: 200, text: 'POST /b text' });
  equal(run(get(pool, 'closed')), false);
});

test('the same socket serves all calls', () => {
  const earlier = counts();
  for (let index = 0; index < 100; index++) run(request(pool, `/${index}`));
  const later = counts();
  equal(later.requests - earlier.requests, 101);
  equal(later.connections, 1);
});

test('gathered calls and tasks use it as well', async () => {
  const texts = gather(Array.from({ length: 50 }, (_, index) => request(pool, `/${index}`))).map(
    ({ text }) => text,
  );
  deepEqual(
    texts,
    Array.from({ length: 50 }, (_, index) => `GET /${index} `),
  );
  await Promise.all(Array.from({ length: 10 }, () => createTask(request(pool, '/task'))));
  equal(counts().connections, 1);
});

test('a pool of four opens no more than four sockets, and keeps them for later calls', () => {
  using four = run(new Pool(`http://127.0.0.1:${server.port}`, { connections: 4 }));
  const before = counts().connections;
  gather(Array.from({ length: 50 }, () => request(four, '/busy')));
  const opened = counts().connections - before;
  ok(opened >= 2 && opened <= 4, `${opened} sockets`);
  gather(Array.from({ length: 50 }, () => request(four, '/again')));
  for (let index = 0; index < 20; index++) run(request(four, '/later'));
  ok(counts().connections - before <= 4);
});

test('a response itself cannot cross, and the error says where its stream is', () => {
  const options = { path: '/bare', method: 'GET' } as const;
  throws(
    () => run((pool.request as (options: object) => ReturnType<typeof pool.request>)(options)),
    ({ name, path, message }: Error & { path: string }) => {
      equal(name, 'UncloneableError');
      match(path, /^result\.body/);
      match(message, /return handle\(value\)/);
      return true;
    },
  );
  equal(run(request(pool, '/after')).status, 200);
});

test('another socket is opened when the server has closed one', () => {
  const { connections } = counts();
  equal(run(request(pool, '/close')).text, 'GET /close ');
  equal(run(request(pool, '/again')).text, 'GET /again ');
  equal(counts().connections, connections + 1);
});

test('closing the pool through its handle ends it', () => {
  const other = run(new Pool(`http://127.0.0.1:${server.port}`));
  equal(run(request(other, '/other')).status, 200);
  run(other.close());
  equal(run(get(other, 'closed')), true);
  throws(() => run(request(other, '/other')), { code: /^UND_ERR_(CLOSED|DESTROYED)$/ });
});
