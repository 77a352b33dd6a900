import { after, before, test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { coroutines, run, shutdownGlobalRunner } from 'palitra';
import { fetchSync } from 'palitra/fetch';
import type * as Undici from 'undici';
import { runScript } from '../support/child.ts';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

interface Counts {
  readonly connections: number;
  readonly requests: number;
}

interface Story {
  readonly isOver: boolean;
  readonly wasAborted: boolean;
  readonly sent: number;
}

const get = (path: string): any => fetchSync(server.url(path), { timeout: 15_000 }).json();
const counts = (): Counts => get('/counts');
const whenOver = (key: string): Story => get(`/over?of=${key}`);

test('the same sockets serve all later calls', () => {
  const sockets = new Set<number>();
  const { requests, connections } = counts();
  for (let index = 0; index < 200; index++) {
    const init = { method: 'POST', body: 'text' };
    sockets.add(fetchSync(server.url('/echo'), init).json().socket);
    sockets.add(get('/redirect?times=2').socket);
    fetchSync(server.url('/status?is=500')).text();
    fetchSync(server.url('/status?is=204'));
    equal([...fetchSync(server.url('/status?is=200')).body!].length, 1);
  }
  const later = counts();
  equal(later.requests - requests, 200 * 7 + 1);
  // The platform's fetch, too, may open a second one: when the next request comes at once, the first
  // is still putting itself in order.
  ok(later.connections - connections <= 1, `${later.connections - connections} more`);
  ok(sockets.size <= 2);
});

test('a new loop thread opens a new connection', () => {
  const first = get('/echo').socket;
  shutdownGlobalRunner();
  ok(get('/echo').socket > first);
});

test('a response of a loop thread that has ended says so, and closing it does no harm', () => {
  const response = fetchSync(server.url('/chunks?total=100000'));
  const other = fetchSync(server.url('/chunks?total=100000'));
  shutdownGlobalRunner();
  throws(() => response.text(), { code: 'ERR_PALITRA_HANDLE_DISPOSED' });
  other[Symbol.dispose]();
});

test('leaving the loop over a body early closes its connection', () => {
  for (const chunk of fetchSync(server.url('/endless?key=left')).body!) {
    ok(chunk instanceof Uint8Array);
    break;
  }
  equal(whenOver('left').wasAborted, true);
});

test('so does an error in the loop', () => {
  throws(() => {
    for (const _ of fetchSync(server.url('/endless?key=thrown')).body!)
      throw new Error('of the user');
  }, /of the user/);
  equal(whenOver('thrown').wasAborted, true);
});

test('a body that is ended before it was begun closes its connection', () => {
  const { body } = fetchSync(server.url('/endless?key=ended'));
  body!.return();
  equal(whenOver('ended').wasAborted, true);
  deepEqual(body!.next(), { done: true, value: undefined });
});

test('disposing of a response closes its connection', () => {
  const response = fetchSync(server.url('/endless?key=disposed'));
  response[Symbol.dispose]();
  response[Symbol.dispose]();
  equal(response.bodyUsed, true);
  equal(whenOver('disposed').wasAborted, true);
});

test('disposing of a response in the middle of its body closes its connection', () => {
  const response = fetchSync(server.url('/endless?key=middle'));
  response.body!.next();
  response[Symbol.dispose]();
  equal(whenOver('middle').wasAborted, true);
});

test('disposing of a response that has been read leaves the connection open', () => {
  const response = fetchSync(server.url('/echo'));
  const first = response.json().socket;
  response[Symbol.dispose]();
  equal(get('/echo').socket, first);
});

test('disposing of both clones closes the connection', () => {
  const response = fetchSync(server.url('/endless?key=clones'));
  const clone = response.clone();
  clone[Symbol.dispose]();
  equal(get('/story?of=clones').isOver, false);
  response[Symbol.dispose]();
  equal(whenOver('clones').wasAborted, true);
});

for (const [what, begin] of Object.entries({
  unread: '',
  'half read': '.body.next()',
})) {
  test(`a response that is forgotten ${what} closes its connection once it is collected`, async () => {
    const key = `forgotten-${what.replace(' ', '-')}`;
    const { stdout, stderr, isHung } = await runScript(
      `
      import { fetchSync } from 'palitra/fetch';
      const [url, key] = process.argv.slice(2);
      const begin = () => void fetchSync(url + '/endless?key=' + key)${begin};
      begin();
      // Not by way of the loop thread, which collects nothing as long as it has nothing to do.
      const story = async () => (await fetch(url + '/story?of=' + key)).json();
      for (let round = 0; round < 200 && !(await story()).isOver; round++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        globalThis.gc();
      }
      console.log((await story()).wasAborted);
      process.exit();`,
      { nodeArgs: ['--expose-gc'], args: [server.url(''), key] },
    );
    deepEqual({ stdout, stderr, isHung }, { stdout: 'true\n', stderr: '', isHung: false });
  });
}

test('a dispatcher that was made on the loop thread is used', () => {
  const { Agent } = coroutines<typeof Undici>('undici', import.meta);
  const agent = run(new Agent({ connections: 1, pipelining: 1 }));
  const own = fetchSync(server.url('/echo'), { dispatcher: agent }).json().socket;
  const global = get('/echo').socket;
  ok(own !== global);
  equal(fetchSync(server.url('/echo'), { dispatcher: agent }).json().socket, own);
  run(agent.destroy());
});
