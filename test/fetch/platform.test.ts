import { after, before, test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fetchSync, type FetchInit } from 'palitra/fetch';
import { ofPlatform, synchronously } from '../support/fetch-outcome.ts';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

/** What both are called with; made anew for each, because a body can be read once. */
type Call = () => { readonly path: string; readonly init?: FetchInit };

const form = (): FormData => {
  const form = new FormData();
  form.append('name', 'Grüße');
  form.append('name', 'a second value');
  form.append('blob', new Blob(['of bytes'], { type: 'text/x' }));
  form.append('file', new File(['contents'], 'nämé "q".txt', { type: 'text/plain' }));
  form.append('renamed', new File(['more'], 'old.txt'), 'new.txt');
  return form;
};

const integrityOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;

const bytes = Uint8Array.of(0, 1, 127, 128, 255);

/** The same request, whichever of the two makes it. */
const requests: Record<string, Call> = {
  'a plain request': () => ({ path: '/echo?a=1&b=%20ü#part' }),
  ...Object.fromEntries(
    ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH', 'post', 'patch', 'PROPFIND'].map(
      (method): [string, Call] => [
        `the method ${method}`,
        () => ({ path: '/echo', init: { method } }),
      ],
    ),
  ),
  'headers in an object': () => ({
    path: '/echo',
    init: { headers: { 'x-one': '1', 'X-Two': 'two, 2', accept: 'text/x', 'user-agent': 'test' } },
  }),
  'headers in pairs': () => ({
    path: '/echo',
    init: {
      headers: [
        ['x-one', '1'],
        ['x-one', '2'],
        ['cookie', 'a=1; b=2'],
      ],
    },
  }),
  'headers in Headers': () => ({ path: '/echo', init: { headers: new Headers({ 'x-one': 'é' }) } }),
  'a header that is a number': () => ({
    path: '/echo',
    init: { headers: { 'x-one': 1 as unknown as string } },
  }),
  'a text': () => ({ path: '/echo', init: { method: 'POST', body: 'Grüße \ud83d\ude00' } }),
  'an empty text': () => ({ path: '/echo', init: { method: 'POST', body: '' } }),
  'a text of a type': () => ({
    path: '/echo',
    init: { method: 'PUT', body: '{"a":1}', headers: { 'content-type': 'application/json' } },
  }),
  'a Uint8Array': () => ({ path: '/echo', init: { method: 'POST', body: bytes } }),
  'a part of a buffer': () => ({
    path: '/echo',
    init: { method: 'POST', body: new Uint8Array(bytes.buffer, 1, 3) },
  }),
  'a DataView': () => ({
    path: '/echo',
    init: { method: 'POST', body: new DataView(bytes.buffer, 2, 2) },
  }),
  'an ArrayBuffer': () => ({ path: '/echo', init: { method: 'POST', body: bytes.slice().buffer } }),
  'a Buffer': () => ({ path: '/echo', init: { method: 'POST', body: Buffer.from('text') } }),
  'a Blob': () => ({
    path: '/echo',
    init: { method: 'POST', body: new Blob(['a', bytes], { type: 'text/x' }) },
  }),
  'a File': () => ({
    path: '/echo',
    init: { method: 'POST', body: new File(['a'], 'a.txt', { type: 'text/plain' }) },
  }),
  'a Blob without a type': () => ({
    path: '/echo',
    init: { method: 'POST', body: new Blob(['a']) },
  }),
  'a FormData with files': () => ({ path: '/echo', init: { method: 'POST', body: form() } }),
  'an empty FormData': () => ({ path: '/echo', init: { method: 'POST', body: new FormData() } }),
  'a URLSearchParams': () => ({
    path: '/echo',
    init: {
      method: 'POST',
      body: new URLSearchParams([
        ['a b', 'ü&='],
        ['a b', '2'],
      ]),
    },
  }),
  'something else as a body': () => ({
    path: '/echo',
    init: { method: 'POST', body: 42 as unknown as string },
  }),
  'an object as a body': () => ({
    path: '/echo',
    init: { method: 'POST', body: { a: 1 } as unknown as string },
  }),
  'null for a body and a signal': () => ({
    path: '/echo',
    init: { method: 'POST', body: null, signal: null },
  }),
  'a redirection': () => ({ path: '/redirect?times=3' }),
  'a redirection that turns POST into GET': () => ({
    path: '/redirect?status=303',
    init: { method: 'POST', body: 'text' },
  }),
  'a redirection that keeps the body': () => ({
    path: '/redirect?status=307',
    init: { method: 'POST', body: 'text' },
  }),
  'a redirection that is not followed': () => ({ path: '/redirect', init: { redirect: 'manual' } }),
  'a redirection that is an error': () => ({ path: '/redirect', init: { redirect: 'error' } }),
  'too many redirections': () => ({ path: '/redirect?times=30' }),
  'a redirection to nowhere': () => ({ path: '/redirect?to=http://%3A%3A' }),
  'the status 204': () => ({ path: '/status?is=204' }),
  'the status 304': () => ({ path: '/status?is=304' }),
  'the status 404': () => ({ path: '/status?is=404' }),
  'the status 500': () => ({ path: '/status?is=500&text=Broken' }),
  'the status 299': () => ({ path: '/status?is=299&text=' }),
  cookies: () => ({ path: '/cookies' }),
  gzip: () => ({ path: '/compressed?by=gzip' }),
  br: () => ({ path: '/compressed?by=br' }),
  deflate: () => ({ path: '/compressed?by=deflate' }),
  'a body that is not what its header says': () => ({ path: '/broken' }),
  'a response that is cut off': () => ({ path: '/cut' }),
  'a connection that is closed': () => ({ path: '/slam' }),
  'an integrity that holds': () => ({
    path: '/status?is=200',
    init: { integrity: integrityOf('status 200') },
  }),
  'an integrity that does not hold': () => ({
    path: '/status?is=200',
    init: { integrity: integrityOf('something else') },
  }),
  'a body in a GET': () => ({ path: '/echo', init: { body: 'text' } }),
  'a method that is not allowed': () => ({ path: '/echo', init: { method: 'TRACE' } }),
  'a method that is no method': () => ({ path: '/echo', init: { method: 'A B' } }),
  'a header that is no header': () => ({ path: '/echo', init: { headers: { 'a b': '1' } } }),
  'a header pair of three': () => ({
    path: '/echo',
    init: { headers: [['a', 'b', 'c']] },
  }),
  'a redirect mode that there is not': () => ({
    path: '/echo',
    init: { redirect: 'never' as 'error' },
  }),
  'a keepalive request with a referrer': () => ({
    path: '/echo',
    init: { keepalive: true, referrer: 'http://localhost/from', referrerPolicy: 'unsafe-url' },
  }),
};

interface Seen {
  readonly head: Record<string, unknown>;
  readonly body: string;
}

for (const [title, call] of Object.entries(requests)) {
  test(`as the platform’s fetch: ${title}`, async () => {
    const [own, other] = [call(), call()];
    deepEqual(
      await synchronously(server.url(own.path), { timeout: 10_000, ...own.init }),
      await ofPlatform(server.url(other.path), other.init),
    );
  });
}

test('the comparison sees what the server was sent', async () => {
  const { path, init } = requests['a FormData with files']!();
  const { head, body } = (await synchronously(server.url(path), init)) as Seen;
  equal(head['status'], 200);
  ok(body.includes('filename='), body);
});

test('each cookie is one', () => {
  const { headers } = fetchSync(server.url('/cookies'));
  deepEqual(headers.getSetCookie(), ['a=1; Path=/', 'b=2, c; HttpOnly']);
});

test('no cookie is remembered', () => {
  fetchSync(server.url('/cookies'));
  const { headers } = fetchSync(server.url('/echo')).json();
  equal(headers.cookie, undefined);
});

for (const url of [
  'data:text/plain;charset=utf-8,Gr%C3%BC%C3%9Fe',
  'data:application/octet-stream;base64,AAH/',
  'data:broken',
  '/relative',
  'http://?',
  'ftp://localhost/',
  'about:blank',
  'file:///etc/hostname',
  'http://user:secret@127.0.0.1/',
  'http://127.0.0.1:1/',
  'blob:nodedata:00000000-0000-0000-0000-000000000000',
]) {
  test(`as the platform’s fetch: the URL ${url}`, async () => {
    deepEqual(await synchronously(url), await ofPlatform(url));
  });
}
