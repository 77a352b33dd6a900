/**
 * Hundreds of requests, each made by `fetchSync()` and by the platform's `fetch` in the same process: every
 * member of `init` with values of every kind, held in every way, and every kind of body and input.
 */
import { after, before, test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { fetchSync, type FetchInit } from 'palitra/fetch';
import { ofPlatform, synchronously } from '../support/fetch-outcome.ts';
import { startHttp, type HttpServer } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';
import { isBun } from '../support/runtime.ts';

checkLeaks({ per: 'file' });

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());

/** A value, made anew for each of the two: a body can be read once. */
type Make = () => unknown;
type Kinds = Record<string, Make>;

/** One request: what is given besides the address, and to which path of the server. */
interface Trial {
  readonly title: string;
  readonly path?: string;
  readonly input?: Make;
  readonly init?: Make;
}

let compared = 0;

/** All that differ are shown at once, by their titles. */
function compare(title: string, trials: readonly Trial[]): void {
  test(`as the platform’s fetch: ${title}`, async () => {
    const [ours, theirs]: Record<string, unknown>[] = [{}, {}];
    for (const { title, path = '/echo', input = () => server.url(path), init } of trials) {
      const own = await synchronously(input(), init?.());
      const other = await ofPlatform(input(), init?.());
      compared += 1;
      if (isDeepStrictEqual(own, other)) continue;
      ours![title] = own;
      theirs![title] = other;
    }
    deepEqual(ours, theirs);
  });
}

const refusing = (): never => {
  throw new RangeError('refused by its toString()');
};

class Empty {
  readonly own = 1;
}

/** What may be given for anything. */
const anything: Kinds = {
  undefined: () => undefined,
  null: () => null,
  'an empty text': () => '',
  'a text': () => 'bad',
  'a number': () => 5,
  'the number 0': () => 0,
  NaN: () => Number.NaN,
  true: () => true,
  false: () => false,
  'a bigint': () => 10n,
  'an object': () => ({}),
  'an object without a prototype': () => Object.create(null) as unknown,
  'an array': () => [],
  'a function': () => () => 1,
  'a symbol': () => Symbol('s'),
};

/** The texts that a member may be, in the ways a text may come. */
const waysToSay = (text: string): Kinds => ({
  'in an object': () => new String(text),
  'in an array': () => [text],
  'by toString()': () => ({ toString: () => text }),
  'by Symbol.toPrimitive': () => ({ [Symbol.toPrimitive]: () => text }),
});

const entries = Object.entries;

compare(
  'whatever is given instead of options',
  entries({
    ...anything,
    'a class instance': () => new Empty(),
    'a Map': () => new Map([['method', 'PUT']]),
    'a date': () => new Date(0),
    'a frozen object': () => Object.freeze({ method: 'PUT' }),
    'a function with a method': () => Object.assign(() => 1, { method: 'PUT' }),
    'an array with a method': () => Object.assign([], { method: 'PUT' }),
    'unknown members': () => ({ something: Symbol('s'), onProgress: () => 1, self: server }),
  }).map(([title, init]) => ({ title, init })),
);

const secret = { headers: { 'x-one': '1' } };

/** Of each member a value whose effect the server, or the caller, sees. */
const seen: Record<string, { readonly path?: string; readonly member: object }> = {
  method: { member: { method: 'DELETE' } },
  headers: { member: secret },
  body: { member: { method: 'POST', body: 'text' } },
  redirect: { path: '/redirect', member: { redirect: 'manual' } },
  mode: { member: { mode: 'no-cors', headers: { accept: 'text/x' } } },
  cache: { member: { cache: 'no-store' } },
  integrity: { path: '/status?is=200', member: { integrity: 'sha256-AAAA' } },
  referrer: { member: { referrer: 'http://localhost/from', referrerPolicy: 'unsafe-url' } },
  keepalive: { member: { keepalive: true } },
  credentials: { member: { credentials: 'include' } },
};

class Accessors {
  readonly #member: Record<string, unknown>;
  constructor(member: object) {
    this.#member = { ...member };
  }
  get method(): unknown {
    return this.#member['method'];
  }
  get headers(): unknown {
    return this.#member['headers'];
  }
  get body(): unknown {
    return this.#member['body'];
  }
  get redirect(): unknown {
    return this.#member['redirect'];
  }
  get mode(): unknown {
    return this.#member['mode'];
  }
  get cache(): unknown {
    return this.#member['cache'];
  }
  get integrity(): unknown {
    return this.#member['integrity'];
  }
  get referrer(): unknown {
    return this.#member['referrer'];
  }
}

const waysToHold: Record<string, (member: object) => unknown> = {
  own: (member) => ({ ...member }),
  inherited: (member) => Object.create(member) as unknown,
  'inherited twice': (member) => Object.create(Object.create(member) as object) as unknown,
  'not enumerable': (member) =>
    Object.defineProperties(
      {},
      Object.fromEntries(entries(member).map(([name, value]) => [name, { value }])),
    ),
  'own accessors': (member) =>
    Object.defineProperties(
      {},
      Object.fromEntries(entries(member).map(([name, value]) => [name, { get: () => value }])),
    ),
  'accessors of a class': (member) => new Accessors(member),
  'a Proxy': (member) => new Proxy({}, { get: (_, name) => Reflect.get(member, name) }),
};

for (const [way, hold] of entries(waysToHold)) {
  compare(
    `members that are held so: ${way}`,
    entries(seen).map(([title, { path, member }]) => ({
      title,
      ...(path === undefined ? {} : { path }),
      init: () => hold(member),
    })),
  );
}

/** The members that are texts, with one that is right. */
const texts: Record<string, string> = {
  method: 'PUT',
  mode: 'no-cors',
  credentials: 'omit',
  cache: 'reload',
  redirect: 'follow',
  referrer: 'http://localhost/from',
  referrerPolicy: 'no-referrer',
  integrity: '',
  duplex: 'half',
  priority: 'high',
};

for (const [name, right] of entries(texts)) {
  compare(`whatever is given for ${name}`, [
    ...entries({ ...anything, ...waysToSay(right) }).map(([title, make]) => ({
      title,
      init: () => ({ [name]: make() }),
    })),
    // Bun does not ask most of them, and of those it asks, not all for a text.
    ...(isBun ? [] : [{ title: 'what refuses', init: () => ({ [name]: { toString: refusing } }) }]),
  ]);
}

for (const name of ['keepalive', 'window', 'dispatcher', 'client', 'decompress', 'maxRedirects']) {
  compare(
    `whatever is given for ${name}`,
    entries(anything).map(([title, make]) => ({ title, init: () => ({ [name]: make() }) })),
  );
}

compare(
  'every value that a member may have',
  entries({
    method: [
      'GET',
      'get',
      'Post',
      'patch',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'HEAD',
      'PROPFIND',
      'CONNECT',
      'TRACE',
      'TRACK',
      'A B',
      'é',
      '\u0142',
    ],
    mode: ['navigate', 'same-origin', 'no-cors', 'cors', 'websocket'],
    credentials: ['omit', 'include', 'same-origin'],
    cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
    redirect: ['follow', 'manual', 'error', 'Follow'],
    referrer: ['about:client', 'http://localhost/from', '/relative'],
    referrerPolicy: [
      'no-referrer',
      'no-referrer-when-downgrade',
      'same-origin',
      'origin',
      'strict-origin',
      'origin-when-cross-origin',
      'strict-origin-when-cross-origin',
      'unsafe-url',
    ],
    priority: ['high', 'low', 'auto'],
    duplex: ['half', 'full'],
    window: [null],
    maxRedirects: [0, 1, 5],
    decompress: [true, false],
    unix: ['/nowhere/socket'],
    proxy: ['http://127.0.0.1:1/', { url: 'http://127.0.0.1:1/' }],
    tls: [{ rejectUnauthorized: false }],
  }).flatMap(([name, values]) =>
    values.map((value: unknown) => ({
      title: `${name}: ${JSON.stringify(value)}`,
      path: /^redirect|maxRedirects/.test(name)
        ? '/redirect?times=2'
        : name === 'decompress'
          ? '/compressed?by=gzip'
          : '/echo',
      init: () => ({ [name]: value }),
    })),
  ),
);

compare(
  'whatever is given for headers',
  entries({
    ...anything,
    'one header': () => ({ 'x-one': '1' }),
    'a header in two spellings': () => ({ 'x-one': '1', 'X-ONE': '2' }),
    'pairs, one twice': () => [
      ['x-one', '1'],
      ['X-One', '2'],
    ],
    Headers: () => new Headers([['x-one', '1']]),
    'inherited ones': () => Object.create({ 'x-one': '1' }) as unknown,
    'one that is not enumerable': () => Object.defineProperty({}, 'x-one', { value: '1' }),
    accessors: () => ({
      get 'x-one'() {
        return '1';
      },
    }),
    'a Map': () => new Map([['x-one', '1']]),
    'a Set of pairs': () => new Set([['x-one', '1']]),
    'a Set of texts': () => new Set(['ab']),
    'an array of texts': () => ['ab'],
    'an array of numbers': () => [1],
    'an array of null': () => [null],
    'an array of sets': () => [new Set(['x-one', '1'])],
    'an array of holes': () => Array.from({ length: 2 }),
    'a generator of pairs': () =>
      (function* () {
        yield ['x-one', '1'];
      })(),
    'a pair of one': () => [['x-one']],
    'a pair of three': () => [['x-one', '1', '2']],
    'a pair of none': () => [[]],
    'a pair with a symbol': () => [['x-one', Symbol('s')]],
    'a pair with an object': () => [['x-one', { toString: () => '1' }]],
    'a text in an object': () => new String('ab'),
    'a date': () => new Date(0),
    'a Proxy': () => new Proxy({ 'x-one': '1' }, {}),
    URLSearchParams: () => new URLSearchParams({ 'x-one': '1' }),
    'a name that is none': () => ({ 'a b': '1' }),
    'no name': () => ({ '': '1' }),
    'a name that is a symbol': () => ({ [Symbol('k')]: '1' }),
    'spaces around it': () => ({ 'x-one': '  1 \t' }),
    'a line break in it': () => ({ 'x-one': '1\n2' }),
    'what is no byte': () => ({ 'x-one': '\u0142' }),
    'a byte above 127': () => ({ 'x-one': 'é' }),
    ...Object.fromEntries(
      entries({ ...anything, ...waysToSay('1') }).map(([title, make]) => [
        `a header that is ${title}`,
        () => ({ 'x-one': make() }),
      ]),
    ),
    'a header that refuses': () => ({ 'x-one': { toString: refusing } }),
    'a length of its own': () => ({ 'content-type': 'text/x', accept: 'text/y' }),
  }).map(([title, make]) => ({ title, init: () => ({ headers: make() }) })),
);

const bytes = Uint8Array.of(0, 1, 127, 128, 200, 255, 97, 98);
const { buffer } = bytes;

/** An iterable is `fetchSync()`'s own: a list of chunks. Streams and async iterables it cannot read. */
const iterables = new Set(['an array']);

/** In Bun and Deno these are no bodies, or others than elsewhere; what goes out is the same for both. */
const bodies: Kinds = {
  ...Object.fromEntries(entries(anything).filter(([title]) => !iterables.has(title))),
  ...Object.fromEntries(
    entries(waysToSay('text')).filter(
      ([title]) => title !== 'in an array' && title !== 'in an object',
    ),
  ),
  'a text of many letters': () => 'Grüße \u{1F600} \0\r\n',
  'half a character': () => 'a\ud83d',
  'a long text': () => 'long '.repeat(20_000),
  'a text in an object': () => new String('boxed'),
  'a number in an object': () => new Number(7),
  'a date': () => new Date(Date.UTC(2026, 0)).toISOString(),
  'a regular expression': () => /x/,
  'an error': () => new Error('as a body'),
  'a Uint8Array': () => bytes,
  'a Uint8ClampedArray': () => new Uint8ClampedArray(buffer),
  'an Int16Array': () => new Int16Array(buffer, 2, 2),
  'a Float64Array': () => new Float64Array(buffer),
  'a BigInt64Array': () => new BigInt64Array(buffer),
  'a DataView': () => new DataView(buffer, 1, 3),
  'a Buffer': () => Buffer.from('text'),
  'an empty Uint8Array': () => new Uint8Array(0),
  'an ArrayBuffer': () => buffer.slice(1),
  'an empty ArrayBuffer': () => new ArrayBuffer(0),
  'a buffer that can grow': () => new (ArrayBuffer as never as Resizable)(2, { maxByteLength: 9 }),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(3),
  'a view of a SharedArrayBuffer': () => new Uint8Array(new SharedArrayBuffer(3)),
  'a Blob': () => new Blob(['a', bytes]),
  'a Blob of a type': () => new Blob(['a'], { type: 'Text/X' }),
  'an empty Blob': () => new Blob([]),
  'a File': () => new File(['a'], 'a.txt', { type: 'text/plain' }),
  'a part of a Blob': () => new Blob(['abcdef']).slice(1, 3, 'text/part'),
  'a URLSearchParams': () => new URLSearchParams([['a b', 'ü&=']]),
  'an empty URLSearchParams': () => new URLSearchParams(),
  'a FormData': () => {
    const form = new FormData();
    form.append('name', 'Grüße\n');
    form.append('file', new File(['contents'], 'nämé.txt', { type: 'text/plain' }));
    return form;
  },
  'an empty FormData': () => new FormData(),
  'a class instance': () => new Empty(),
};

type Resizable = new (length: number, options: { maxByteLength: number }) => ArrayBuffer;

for (const method of ['POST', 'PATCH', undefined]) {
  compare(
    `whatever is given for body, ${method === undefined ? 'in a GET' : `by ${method}`}`,
    entries(bodies).map(([title, make]) => ({
      title,
      init: () => ({ ...(method === undefined ? {} : { method }), body: make() }),
    })),
  );
}

compare(
  'a body with a type of its own',
  entries(bodies).map(([title, make]) => ({
    title,
    init: () => ({ method: 'PUT', body: make(), headers: { 'content-type': 'text/own' } }),
  })),
);

const requestOf = (init?: RequestInit): Make => {
  return () => new Request(server.url('/redirect'), init);
};

compare('a Request and what it holds', [
  { title: 'nothing', input: requestOf() },
  ...entries({
    method: { method: 'DELETE' },
    headers: secret,
    redirect: { redirect: 'manual' },
    'redirect that is an error': { redirect: 'error' },
    'mode no-cors': { mode: 'no-cors', headers: { accept: 'text/x', 'x-one': '1' } },
    'mode same-origin': { mode: 'same-origin' },
    'only-if-cached': { mode: 'same-origin', cache: 'only-if-cached' },
    cache: { cache: 'reload' },
    credentials: { credentials: 'omit' },
    referrer: { referrer: 'http://localhost/from', referrerPolicy: 'unsafe-url' },
    'no referrer': { referrer: '' },
    integrity: { integrity: 'sha256-AAAA' },
    keepalive: { keepalive: true },
  }).flatMap(([title, init]) => [
    { title, input: requestOf(init as RequestInit) },
    {
      title: `${title}, and options`,
      input: requestOf(init as RequestInit),
      init: () => ({ method: 'PUT' }),
    },
    {
      title: `${title}, and other headers`,
      input: requestOf(init as RequestInit),
      init: () => ({ headers: { 'x-two': '2' }, mode: 'cors', redirect: 'follow' }),
    },
  ]),
]);

compare(
  'whatever says an address',
  entries({
    'a URL': () => new URL(server.url('/echo')),
    'a text in an object': () => new String(server.url('/echo')),
    'an array of one': () => [server.url('/echo')],
    'toString()': () => ({ toString: () => server.url('/echo') }),
    'spaces around it': () => ` ${server.url('/echo')} `,
    'what refuses': () => ({ toString: refusing }),
    'a symbol': () => Symbol('s'),
  }).map(([title, input]) => ({ title, input })),
);

test('what says no address is a TypeError, as of the platform’s fetch', async () => {
  for (const make of [anything['undefined']!, anything['null']!, () => 5, () => true, () => '']) {
    const [ours, theirs] = [await synchronously(make()), await ofPlatform(make())];
    equal((ours as TypeError).name, 'TypeError');
    deepEqual(ours, theirs);
  }
});

test('a signal that is none is a TypeError, as of the platform’s fetch', async () => {
  for (const [title, make] of entries(anything)) {
    const [ours, theirs] = [make(), make()].map((signal) => ({ signal }));
    const isTypeError = async (outcome: Promise<unknown>): Promise<boolean> =>
      ((await outcome) as { isTypeError?: boolean }).isTypeError === true;
    equal(
      await isTypeError(synchronously(server.url('/echo'), ours)),
      await isTypeError(ofPlatform(server.url('/echo'), theirs)),
      title,
    );
  }
});

/** Options that tell which of them are read, and how often. */
function recorded(): { readonly init: object; readonly names: string[] } {
  const names: string[] = [];
  const init = new Proxy(
    {},
    {
      get(_, name) {
        names.push(String(name));
        return undefined;
      },
    },
  );
  return { init, names };
}

test('every member that the platform’s fetch reads is read, once, and no other', async () => {
  const [ours, theirs] = [recorded(), recorded()];
  await synchronously(server.url('/echo'), ours.init);
  await ofPlatform(server.url('/echo'), theirs.init);
  deepEqual(ours.names.toSorted(), [...new Set(ours.names)].toSorted());
  const others = (names: readonly string[]): string[] =>
    [...new Set(names)].filter((name) => name !== 'timeout').toSorted();
  deepEqual(others(ours.names), others(theirs.names));
});

test('each getter of the options is called once', () => {
  const calls: string[] = [];
  const counting = (name: string, value: unknown): PropertyDescriptor => ({
    get: () => (calls.push(name), value),
    enumerable: true,
  });
  const init = Object.defineProperties(
    {},
    {
      method: counting('method', 'POST'),
      headers: counting('headers', { 'x-one': '1' }),
      body: counting('body', 'text'),
      signal: counting('signal', new AbortController().signal),
      timeout: counting('timeout', 10_000),
    },
  ) as FetchInit;
  equal(fetchSync(server.url('/echo'), init).json().body, 'text');
  deepEqual(calls.toSorted(), ['body', 'headers', 'method', 'signal', 'timeout']);
});

test('a body that has been moved away is named by its place in the options', () => {
  const view = new Uint8Array(4);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  throws(() => fetchSync(server.url('/echo'), { method: 'POST', body: view.buffer }), {
    code: 'ERR_PALITRA_UNCLONEABLE',
    path: 'init.body',
    message: /^init\.body /,
  });
});

test('more than four hundred requests were compared', () => {
  console.log(`${compared} requests were compared.`);
  ok(compared > 400);
});
