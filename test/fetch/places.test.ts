import { after, before, test } from 'node:test';
import { deepEqual, equal, fail, ok, throws } from 'node:assert/strict';
import { coroutine, createTask, run } from 'palitra';
import { fetchSync } from 'palitra/fetch';
import { runScript } from '../support/child.ts';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

const get = (path: string): any => fetchSync(server.url(path), { timeout: 15_000 }).json();

test('inside a callback of a coroutine that is being run', () => {
  const each = coroutine(async (count: number, callback: (n: number) => unknown) => {
    const results: unknown[] = [];
    for (let n = 0; n < count; n++) results.push(await callback(n));
    return results;
  });
  deepEqual(run(each(3, (n) => get(`/echo?${n}`).url)), ['/echo?0', '/echo?1', '/echo?2']);
});

test('inside a callback, what the server cannot answer is the callback’s error', async () => {
  const call = coroutine(async (callback: () => unknown) => callback());
  const { message } = await fetch(server.url('/slam')).then(
    () => fail('the server has answered'),
    (error: unknown) => error as TypeError,
  );
  throws(() => run(call(() => get('/slam'))), { name: 'TypeError', message });
});

test('in the middle of the body of another response', () => {
  const seen: string[] = [];
  for (const chunk of fetchSync(server.url('/chunks?total=4000000&size=100000')).body!) {
    seen.push(get(`/echo?${chunk.length > 0}`).url);
  }
  ok(seen.length >= 4);
  ok(seen.every((url) => url === '/echo?true'));
});

test('on a loop thread, on one of its own', () => {
  const nested = coroutine(async (url: string) => {
    const { fetchSync } = await import('palitra/fetch');
    const { isLoopThread } = await import('palitra/loop');
    return [isLoopThread(), fetchSync(url, { timeout: 15_000 }).json().url];
  });
  deepEqual(run(nested(server.url('/echo?nested')), { timeout: 30_000 }), [true, '/echo?nested']);
});

test('besides tasks that are in flight', async () => {
  const download = coroutine(async (url: string) => (await fetch(url)).text());
  const task = createTask(download(server.url('/status?is=200')));
  equal(get('/echo?besides').url, '/echo?besides');
  equal(await task, 'status 200');
});

test('in a worker, at the top of a module, and in an exit handler', async () => {
  const { code, stdout, stderr, isHung } = await runScript(
    `
    import { isMainThread, Worker } from 'node:worker_threads';
    import { fetchSync } from 'palitra/fetch';
    const [url] = process.argv.slice(2);
    const get = (what) => fetchSync(url + '?' + what, { timeout: 15_000 }).json().url;
    console.log(get('top'));
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url), { argv: [url] });
      await new Promise((resolve) => worker.on('exit', resolve));
    }
    process.on('exit', () => console.log(get('exit')));`,
    // Five threads are started, one after the other.
    { args: [server.url('/echo')], limitMs: 60_000 },
  );
  deepEqual({ code, stderr, isHung }, { code: 0, stderr: '', isHung: false });
  deepEqual(stdout.trim().split('\n').sort(), [
    '/echo?exit',
    '/echo?exit',
    '/echo?top',
    '/echo?top',
  ]);
});

test('open connections and bodies that nobody reads do not keep the process', async () => {
  const { code, stderr, isHung } = await runScript(
    `
    import { fetchSync } from 'palitra/fetch';
    const [url] = process.argv.slice(2);
    fetchSync(url + '/echo').text();
    fetchSync(url + '/endless?key=1', { timeout: 3_600_000 });
    fetchSync(url + '/stalled').body.next();
    fetchSync(url + '/endless?key=2', { signal: new AbortController().signal }).body.next();`,
    { args: [server.url('')] },
  );
  deepEqual({ code, stderr, isHung }, { code: 0, stderr: '', isHung: false });
});

test('the calling thread loads nothing of the platform’s fetch, as long as it needs none of it', async () => {
  const { code, stdout } = await runScript(
    `
    import { fetchSync } from 'palitra/fetch';
    const [url] = process.argv.slice(2);
    const isLoaded = () => process.moduleLoadList.some((name) => name.includes('undici'));
    const init = { method: 'POST', body: 'text', headers: { 'x-one': '1' } };
    const { status, body } = fetchSync(url, init);
    const { headers } = fetchSync(new URL(url), init).json();
    console.log(status, headers['x-one'], [...body].length, isLoaded());
    fetchSync(url).headers;
    console.log(isLoaded());`,
    { args: [server.url('/echo')] },
  );
  deepEqual({ code, stdout }, { code: 0, stdout: '200 1 1 false\ntrue\n' });
});
