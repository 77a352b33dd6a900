import { after, before, test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import { fetchSync, type SyncResponse } from 'palitra/fetch';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

const typed = (type: string, body: string | Uint8Array): string =>
  server.url(
    `/typed?type=${encodeURIComponent(type)}&hex=${Buffer.from(body as string).toString('hex')}`,
  );

const readers = ['text', 'json', 'bytes', 'arrayBuffer', 'blob'] as const;

for (const read of readers) {
  test(`${read}() gives what the platform’s response would`, async () => {
    const url = typed('Application/JSON; Charset=UTF-8', '\ufeff{"a":"ü"}');
    const platform = await fetch(url);
    const expected: unknown =
      read === 'bytes' ? new Uint8Array(await platform.arrayBuffer()) : await platform[read]();
    const seen: unknown = fetchSync(url)[read]();
    if (seen instanceof Blob && expected instanceof Blob) {
      // Bun's own response keeps the case; a Blob has none, as the standard says.
      equal(seen.type, expected.type.toLowerCase());
      deepEqual(await seen.text(), await expected.text());
    } else {
      deepEqual(seen, expected);
    }
  });
}

test('what is not UTF-8 or JSON is as for the platform', async () => {
  const url = typed('text/plain; charset=latin1', Uint8Array.of(0xe4, 0x41));
  equal(fetchSync(url).text(), await (await fetch(url)).text());
  throws(() => fetchSync(url).json(), SyntaxError);
});

test('a large body arrives whole, in a buffer of its own', () => {
  const response = fetchSync(server.url('/chunks?total=20000000&size=100000'));
  const bytes = response.bytes();
  equal(bytes.length, 20_000_000);
  equal(bytes.buffer.byteLength, 20_000_000);
  ok(bytes.every((byte) => byte === 'x'.charCodeAt(0)));
});

test('formData() reads a form with files', async () => {
  const form = new FormData();
  form.append('name', 'Grüße');
  form.append('file', new File(['contents'], 'nämé.txt', { type: 'text/plain' }));
  const request = { method: 'POST', body: form };
  const back = fetchSync(server.url('/back'), request).formData();
  deepEqual([...back.keys()], ['name', 'file']);
  equal(back.get('name'), 'Grüße');
  const file = back.get('file') as File;
  const platform = (await (await fetch(server.url('/back'), request)).formData()).get('file');
  match(file.type, /^text\/plain/);
  deepEqual(
    [file.name, file.type, await file.text()],
    ['nämé.txt', (platform as File).type, 'contents'],
  );
});

test('formData() reads a query', () => {
  const body = new URLSearchParams({ a: '1', b: 'ü' });
  const back = fetchSync(server.url('/back'), { method: 'POST', body }).formData();
  deepEqual(
    [...back],
    [
      ['a', '1'],
      ['b', 'ü'],
    ],
  );
});

test('formData() of what is no form is a TypeError', () => {
  throws(() => fetchSync(typed('text/plain', 'text')).formData(), TypeError);
  throws(() => fetchSync(server.url('/status?is=204')).formData(), TypeError);
});

for (const [title, used] of Object.entries<(response: SyncResponse) => unknown>({
  text: (response) => response.text(),
  'a failed json': (response) => throws(() => response.json(), SyntaxError),
  'a failed formData': (response) => throws(() => response.formData(), TypeError),
  'a loop': (response) => [...response.body!],
  'one step of a loop': (response) => response.body!.next(),
  'a loop that was left': (response) => {
    for (const _ of response.body!) break;
  },
})) {
  test(`after ${title} the body is used, and a second reading is a TypeError`, () => {
    const response = fetchSync(server.url('/status?is=200'));
    equal(response.bodyUsed, false);
    used(response);
    equal(response.bodyUsed, true);
    for (const read of [...readers, 'formData', 'clone'] as const) {
      throws(() => response[read](), { name: 'TypeError', message: /has been read/ }, read);
    }
  });
}

test('the body is still there, but read, after text()', () => {
  const response = fetchSync(server.url('/status?is=200'));
  response.text();
  notEqual(response.body, null);
  throws(() => response.body!.next(), { name: 'TypeError', message: /has been read/ });
});

test('to look at the body is not to read it', () => {
  const response = fetchSync(server.url('/status?is=200'));
  notEqual(response.body, null);
  equal(response.body, response.body);
  equal(response.bodyUsed, false);
  equal(response.text(), 'status 200');
});

test('a response without a body reads as empty, as often as one likes', () => {
  for (const [path, method] of [
    ['/status?is=204', 'GET'],
    ['/status?is=304', 'GET'],
    ['/status?is=200', 'HEAD'],
  ] as const) {
    const response = fetchSync(server.url(path), { method });
    equal(response.body, null);
    equal(response.text(), '');
    equal(response.text(), '');
    equal(response.bytes().length, 0);
    equal(response.arrayBuffer().byteLength, 0);
    equal(response.bodyUsed, false);
    equal(response.clone().text(), '');
    throws(() => response.json(), SyntaxError);
  }
});

test('a clone is read besides the response it was made of', () => {
  const response = fetchSync(server.url('/echo'), { method: 'POST', body: 'text' });
  const clone = response.clone();
  const third = clone.clone();
  equal(clone.json().body, 'text');
  deepEqual([response.bodyUsed, clone.bodyUsed, third.bodyUsed], [false, true, false]);
  equal(response.json().body, 'text');
  equal(third.status, 200);
  equal(third.headers.get('content-type'), 'application/json');
  equal(third.json().body, 'text');
});

test('one of two clones may be left early without any harm to the other', () => {
  const response = fetchSync(server.url('/chunks?total=1000000&size=100000'), { timeout: 10_000 });
  const clone = response.clone();
  for (const _ of clone.body!) break;
  equal(response.bytes().length, 1_000_000);
  const other = fetchSync(server.url('/chunks?total=1000000&size=100000'), { timeout: 10_000 });
  const second = other.clone();
  other[Symbol.dispose]();
  equal(second.bytes().length, 1_000_000);
});

test('ok is a status from 200 to 299', () => {
  for (const [status, expected] of [
    [200, true],
    [204, true],
    [299, true],
    [300, false],
    [404, false],
  ]) {
    equal(fetchSync(server.url(`/status?is=${status}`)).ok, expected, String(status));
  }
});

test('console.log shows what the platform’s response shows', async () => {
  const url = server.url('/status?is=404');
  const text = inspect(fetchSync(url));
  const { type } = await fetch(url);
  match(
    text,
    /^SyncResponse \{\n {2}status: 404,\n {2}statusText: 'Not Found',\n {2}headers: Headers \{/,
  );
  match(
    text,
    new RegExp(
      `bodyUsed: false,\n  ok: false,\n  redirected: false,\n  type: '${type}',\n  url: 'http`,
    ),
  );
});
