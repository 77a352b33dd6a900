import { after, before, test } from 'node:test';
import { deepEqual, equal, fail, match, throws } from 'node:assert/strict';
import { fetchSync, type FetchInit } from 'palitra/fetch';
import * as undici from 'undici';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';
import { isNode } from '../support/runtime.ts';

checkLeaks({ per: 'file' });

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

test('a URL object is a URL', () => {
  equal(fetchSync(new URL(server.url('/status?is=200'))).text(), 'status 200');
});

test('a Request brings its method, headers and options', () => {
  const request = new Request(server.url('/redirect'), {
    method: 'DELETE',
    headers: { 'x-one': '1' },
    redirect: 'manual',
  });
  equal(fetchSync(request).status, 302);
  const followed = fetchSync(request, { redirect: 'follow' }).json();
  equal(followed.method, 'DELETE');
  equal(followed.headers['x-one'], '1');
});

test('the options go before those of the Request', () => {
  const request = new Request(server.url('/echo'), { headers: { 'x-one': '1', 'x-two': '2' } });
  const { method, headers, body } = fetchSync(request, {
    method: 'POST',
    headers: { 'x-one': '3' },
    body: 'text',
  }).json();
  deepEqual([method, headers['x-one'], headers['x-two'], body], ['POST', '3', undefined, 'text']);
});

test('the signal of a Request counts, unless another is given', () => {
  const request = new Request(server.url('/echo'), { signal: AbortSignal.abort(new Error('own')) });
  throws(() => fetchSync(request), /^Error: own$/);
  equal(fetchSync(request, { signal: null }).status, 200);
});

test('a Request with a body is refused, and the error says what to write', () => {
  const request = new Request(server.url('/echo'), { method: 'POST', body: 'text' });
  const expected = {
    name: 'TypeError',
    message:
      /cannot read the body of a Request.*Write fetchSync\(url, \{ method, headers, body \}\)/,
  };
  throws(() => fetchSync(request), expected);
  throws(() => fetchSync(request, { body: null }), expected);
  equal(fetchSync(request, { body: 'another' }).json().body, 'another');
});

test('a Request and a FormData of another copy of fetch do as well', () => {
  const request = new undici.Request(server.url('/echo'), { headers: { 'x-one': '1' } });
  equal(fetchSync(request as unknown as Request).json().headers['x-one'], '1');
  const form = new undici.FormData();
  form.append('file', new Blob(['contents']), 'name.txt');
  const { body } = fetchSync(server.url('/echo'), {
    method: 'POST',
    body: form as unknown as FormData,
  }).json();
  match(body, /name="file"; filename="name\.txt"/);
});

test('a body that is a stream or an async iterable of this thread is refused', () => {
  const bodies: unknown[] = [
    new Blob(['a']).stream(),
    (async function* () {
      yield 'a';
    })(),
  ];
  for (const body of bodies) {
    throws(() => fetchSync(server.url('/echo'), { method: 'POST', body } as FetchInit), {
      name: 'TypeError',
      message: /cannot be a stream or an async iterable.*Give an iterable/,
    });
  }
});

test('what the platform’s fetch takes no notice of is ignored, whatever it is', () => {
  const init = { something: Symbol('s'), onProgress: () => 1, self: globalThis } as FetchInit;
  equal(fetchSync(server.url('/echo'), init).status, 200);
});

test('a misspelt timeout is a TypeError that names the right one', () => {
  for (const name of [
    'timeOut',
    'timeoutMs',
    'timeout_ms',
    'TIMEOUT',
    'tiemout',
    'timeoutMillis',
  ]) {
    for (const init of [{ [name]: 5 }, Object.create({ [name]: 5 }), { [name]: undefined }]) {
      throws(() => fetchSync(server.url('/echo'), init as FetchInit), {
        name: 'TypeError',
        message: `fetchSync() has no option ${name}: did you mean timeout? It is in milliseconds.`,
      });
    }
  }
  const others = { time: 1, headersTimeout: 1, bodyTimeout: 1, keepAliveTimeout: 1, tim: 1 };
  equal(fetchSync(server.url('/echo'), others as FetchInit).status, 200);
});

test('a dispatcher of this thread is refused, and the error says where to make it', () => {
  const init = { dispatcher: new undici.Agent() } as unknown as FetchInit;
  if (!isNode) {
    // There it is none of fetch's options.
    equal(fetchSync(server.url('/echo'), init).status, 200);
    return;
  }
  throws(() => fetchSync(server.url('/echo'), init), {
    name: 'TypeError',
    message: /has to be made there: .*run\(new undici\.ProxyAgent\(url\)\)/,
  });
});

test('a blob: URL of this thread is what it stands for', async () => {
  const url = URL.createObjectURL(new Blob(['a blob'], { type: 'text/x' }));
  const response = fetchSync(url);
  const { headers } = await fetch(url);
  equal(response.text(), 'a blob');
  equal(response.headers.get('content-type'), 'text/x');
  deepEqual([...response.headers], [...headers]);
  equal(response.url, url);
  URL.revokeObjectURL(url);
  const { message } = await fetch(url).then(
    () => fail('it has been revoked'),
    (error: unknown) => error as TypeError,
  );
  throws(() => fetchSync(url), { name: 'TypeError', message });
});

test('null for the options is none', () => {
  equal(fetchSync(server.url('/echo'), null).status, 200);
});

for (const timeout of [0, -1, Number.NaN]) {
  test(`a timeout of ${timeout} is a RangeError`, () => {
    throws(() => fetchSync(server.url('/echo'), { timeout }), RangeError);
  });
}

test('a timeout or a signal of the wrong kind is a TypeError', () => {
  throws(() => fetchSync(server.url('/echo'), { timeout: '1' } as unknown as FetchInit), TypeError);
  throws(() => fetchSync(server.url('/echo'), { signal: {} } as unknown as FetchInit), TypeError);
});
