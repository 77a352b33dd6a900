import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { fetchSync } from 'palitra/fetch';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

const MIB = 2 ** 20;
const get = (path: string): any => fetchSync(server.url(path), { timeout: 15_000 }).json();

function post(path: string, body: Iterable<string | Uint8Array>): any {
  return fetchSync(server.url(path), { method: 'POST', body, timeout: 15_000 }).json();
}

test('a generator gives a body in chunks, texts and bytes', () => {
  function* body(): Generator<string | Uint8Array> {
    yield 'Grüße, ';
    yield Buffer.from('Buffer, ');
    yield Uint8Array.of(65, 66);
    yield '';
    yield '!';
  }
  const seen = post('/echo', body());
  equal(Buffer.from(seen.body, 'latin1').toString(), 'Grüße, Buffer, AB!');
  equal(seen.headers['transfer-encoding'], 'chunked');
  equal(seen.headers['content-type'], undefined);
});

test('so does any other iterable, and one that is empty', () => {
  equal(post('/echo', ['a', 'b']).body, 'ab');
  equal(post('/echo', new Set(['a', 'b'])).body, 'ab');
  equal(post('/echo', []).body, '');
});

test('a chunk of another type is a TypeError that names it, and ends the generator', () => {
  let isClosed = false;
  function* body(): Generator<string> {
    try {
      yield 42 as unknown as string;
    } finally {
      isClosed = true;
    }
  }
  throws(
    () => post('/echo', body()),
    hasInChain(/a string or a Uint8Array, not \[object Number\]/),
  );
  equal(isClosed, true);
});

test('what a generator throws is thrown, or is the cause of what is', () => {
  class OfTheUser extends Error {}
  function* body(): Generator<string> {
    yield 'the beginning';
    throw new OfTheUser('of the user');
  }
  throws(() => post('/echo', body()), hasInChain(/of the user/));
});

/** Is it, or one of its causes? */
function hasInChain(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    let text = '';
    for (let each = error; each instanceof Error; each = each.cause) text += `${each.message}\n`;
    match(text, message);
    return true;
  };
}

test('a generator is not asked for more than is sent, and is ended when nobody wants the rest', () => {
  let chunks = 0;
  let isClosed = false;
  function* body(): Generator<Uint8Array> {
    try {
      for (; ; chunks++) yield new Uint8Array(65_536);
    } finally {
      isClosed = true;
    }
  }
  throws(
    () =>
      fetchSync(server.url('/full?key=never'), { method: 'POST', body: body(), timeout: 1_000 }),
    { code: 'ERR_PALITRA_TIMEOUT' },
  );
  equal(isClosed, true);
  // What the sockets of both sides take: some MiB.
  ok(chunks * 65_536 < 64 * MIB, `${chunks} chunks`);
});

test('a generator is not begun when nobody listens', () => {
  let isBegun = false;
  function* body(): Generator<string> {
    isBegun = true;
    yield 'a';
  }
  const init = { method: 'POST', body: body() };
  throws(() => fetchSync('http://127.0.0.1:1/', init), { name: 'TypeError' });
  throws(() => fetchSync('http://127.0.0.1:9/', init), { name: 'TypeError' });
  equal(isBegun, false);
});

test('the reader of a large body holds the writer back, both ways, with bounded memory', () => {
  const total = 256 * MIB;
  const before = process.memoryUsage().rss;
  let peak = 0;
  const chunk = new Uint8Array(MIB);
  function* body(): Generator<Uint8Array> {
    for (let sent = 0; sent < total; sent += MIB) {
      peak = Math.max(peak, process.memoryUsage().rss - before);
      yield chunk;
    }
  }
  fetchSync(server.url('/go-on?key=all-read'), { method: 'POST' }).text();
  equal(
    fetchSync(server.url('/full?key=all'), {
      method: 'POST',
      body: body(),
      timeout: 60_000,
    }).json(),
    total,
  );
  let received = 0;
  const { body: chunks } = fetchSync(server.url(`/chunks?total=${total}`), { timeout: 60_000 });
  for (const chunk of chunks!) {
    received += chunk.length;
    peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  equal(received, total);
  ok(peak < 160 * MIB, `${Math.round(peak / MIB)} MiB more`);
});

test('a server that pours is held back while nobody reads', () => {
  const { body } = fetchSync(server.url('/endless?key=poured'));
  body!.next();
  // Whatever fits between the two is full when two looks see the same.
  const sent = (): number => get('/story?of=poured').sent;
  let seen = -1;
  for (let now = sent(); now !== seen; now = sent()) {
    seen = now;
    for (let index = 0; index < 20; index++) get('/counts');
  }
  ok(seen < 64 * MIB, `${seen / MIB} MiB`);
  body!.return();
});

test('chunks come as they are written', () => {
  const lines: string[] = [];
  const { body } = fetchSync(server.url('/lines?key=lines'), { timeout: 15_000 });
  for (const chunk of body!) {
    lines.push(Buffer.from(chunk).toString());
    // The server does not write the next one before.
    fetchSync(server.url(`/go-on?key=lines-${lines.length}`)).text();
  }
  deepEqual(lines, ['line 1\n', 'line 2\n', 'line 3\n']);
});

test('a body can be sent while the response is read: what goes out comes back', () => {
  const sent: number[] = [];
  function* body(): Generator<Uint8Array> {
    for (let index = 0; index < 64; index++) {
      sent.push(index);
      yield new Uint8Array(65_536).fill(index);
    }
  }
  const response = fetchSync(server.url('/back'), {
    method: 'POST',
    body: body(),
    timeout: 15_000,
  });
  let received = 0;
  for (const chunk of response.body!) received += chunk.length;
  equal(received, 64 * 65_536);
  equal(sent.length, 64);
});

test('a server that refuses the body early is heard, and the generator is ended', () => {
  const end = { isClosed: false };
  function* body(): Generator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(65_536);
    } finally {
      end.isClosed = true;
    }
  }
  const init = { method: 'POST', body: body(), timeout: 15_000 };
  const response = fetchSync(server.url('/refuse'), init);
  equal(response.status, 413);
  equal(response.text(), 'too large');
  // The loop thread tells that nobody wants the rest: the next blocking call hears it.
  for (let index = 0; index < 100 && !end.isClosed; index++) get('/counts');
  equal(end.isClosed, true);
});

test('a generator may itself make requests', () => {
  function* body(): Generator<string> {
    for (let index = 0; index < 3; index++) yield get(`/echo?${index}`).url;
  }
  equal(post('/echo', body()).body, '/echo?0/echo?1/echo?2');
});
