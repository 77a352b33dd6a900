import { after, before, beforeEach, test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { coroutine, createTask, isPalitraError, run, TimeoutError } from 'palitra';
import { fetchSync } from 'palitra/fetch';
import { startHttp, type HttpServer } from '../support/http.ts';
import { awaitFlag, createFlags, raise } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

let server: HttpServer;
before(async () => {
  server = await startHttp();
});
after(() => server.stop());
// The time of a test is not for starting the thread.
beforeEach(() => void fetchSync(server.url('/counts')).text());

const AN_HOUR = 3_600_000;

const whenOver = (key: string): { readonly isOver: boolean; readonly wasAborted: boolean } =>
  fetchSync(server.url(`/over?of=${key}`), { timeout: 15_000 }).json();
const ABORTED = { isOver: true, wasAborted: true };

function assertAborted(key: string): void {
  const { isOver, wasAborted } = whenOver(key);
  deepEqual({ isOver, wasAborted }, ABORTED);
}

test('the timeout holds while no response comes, and closes the connection', () => {
  const start = performance.now();
  throws(
    () => fetchSync(server.url('/silent?key=silent'), { timeout: 300 }),
    (error) => {
      ok(error instanceof TimeoutError);
      match(
        error.message,
        /^The response of http:\/\/127\.0\.0\.1:\d+\/silent\?key=silent had not come after 300 ms\. The connection has been closed\.$/,
      );
      // Whichever of the two clocks was first: this thread's, or the loop thread's.
      match(
        (error.cause as Error).message,
        /The loop thread is |^The response was not read in time/,
      );
      return true;
    },
  );
  ok(performance.now() - start >= 299);
  assertAborted('silent');
});

for (const [title, read] of Object.entries<(url: string) => unknown>({
  text: (url) => fetchSync(url, { timeout: 300 }).text(),
  'a loop': (url) => [...fetchSync(url, { timeout: 300 }).body!],
})) {
  test(`the timeout is for the body as well, in ${title}, and closes the connection`, () => {
    const start = performance.now();
    throws(
      () => read(server.url(`/stalled?key=stalled-${title}`)),
      /^TimeoutError: The body of .* had not come after 300 ms/,
    );
    ok(performance.now() - start >= 299);
    assertAborted(`stalled-${title}`);
  });
}

test('the timeout is for all chunks together', () => {
  const start = performance.now();
  let chunks = 0;
  throws(() => {
    for (const _ of fetchSync(server.url('/endless?key=together'), { timeout: 300 }).body!)
      chunks += 1;
  }, TimeoutError);
  const took = performance.now() - start;
  ok(chunks > 0 && took >= 299 && took < 5_000, `${chunks} chunks in ${took} ms`);
  assertAborted('together');
});

test('a timeout that ends while nobody reads closes the connection, and who reads then is told', async () => {
  const response = fetchSync(server.url('/endless?key=unread'), { timeout: 1_000 });
  const streamed = fetchSync(server.url('/endless?key=begun'), { timeout: 1_000 });
  streamed.body!.next();
  await sleep(1_001);
  assertAborted('unread');
  throws(() => response.text(), TimeoutError);
  throws(() => {
    for (const _ of streamed.body!);
  }, TimeoutError);
  throws(() => response.clone(), TypeError);
  response[Symbol.dispose]();
  streamed[Symbol.dispose]();
});

test('the timeout holds while the loop thread computes', () => {
  const compute = coroutine(async (flags: Int32Array) => {
    Atomics.add(flags, 0, 1);
    Atomics.notify(flags, 0);
    while (Atomics.load(flags, 1) === 0);
  });
  const flags = createFlags();
  const task = createTask(compute(flags));
  awaitFlag(flags, 0);
  throws(() => fetchSync(server.url('/echo'), { timeout: 1 }), { code: 'ERR_PALITRA_TIMEOUT' });
  raise(flags, 1);
  task.result();
});

test('no timeout is no timer', () => {
  for (const timeout of [AN_HOUR, 2 ** 31, 1e300, Infinity, undefined]) {
    equal(fetchSync(server.url('/status?is=200'), { timeout }).text(), 'status 200');
  }
});

test('after a timeout the next call works', () => {
  for (let index = 0; index < 5; index++) {
    throws(() => fetchSync(server.url('/silent'), { timeout: 1 }), TimeoutError);
    equal(fetchSync(server.url('/status?is=200')).text(), 'status 200');
  }
});

test('a signal that is aborted already throws its reason, and nothing is sent', () => {
  const requests = (): number => fetchSync(server.url('/counts')).json().requests;
  const before = requests();
  const reason = { any: 'value' };
  throws(
    () => fetchSync(server.url('/echo'), { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  throws(() => fetchSync(server.url('/echo'), { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });
  equal(requests(), before + 1);
});

test('a signal that a callback aborts throws its reason, and closes the connection', () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let isClosed = false;
  function* body(): Generator<string> {
    try {
      yield 'the beginning';
      fetchSync(server.url('/seen?of=callback'), { timeout: 15_000 }).text();
      controller.abort(reason);
      yield 'more';
      yield 'the end';
    } finally {
      isClosed = true;
    }
  }
  throws(
    () =>
      fetchSync(server.url('/echo?key=callback'), {
        method: 'POST',
        body: body(),
        signal: controller.signal,
      }),
    (error) => error === reason,
  );
  equal(isClosed, true);
  assertAborted('callback');
});

test('a signal that is aborted in the loop over the body ends it with the reason', () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { body } = fetchSync(server.url('/endless?key=loop'), { signal: controller.signal });
  throws(
    () => {
      for (const _ of body!) controller.abort(reason);
    },
    (error) => error === reason,
  );
  assertAborted('loop');
});

test('a signal that is aborted while nobody reads closes the connection, and reading throws the reason', () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const response = fetchSync(server.url('/endless?key=idle'), { signal: controller.signal });
  controller.abort(reason);
  assertAborted('idle');
  throws(
    () => response.text(),
    (error) => error === reason,
  );
});

test('the reason is the user’s own, also when it is a TimeoutError', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const response = fetchSync(server.url('/endless'), { signal, timeout: 500 });
  controller.abort(new DOMException('of the user', 'TimeoutError'));
  await sleep(501);
  throws(
    () => response.text(),
    (error) => error === signal.reason && !isPalitraError(error),
  );
});

test('nothing of the calls that have ended is left at a signal', () => {
  const { signal } = new AbortController();
  for (let index = 0; index < 12; index++) {
    fetchSync(server.url('/status?is=200'), { signal }).text();
    fetchSync(server.url('/status?is=204'), { signal });
    fetchSync(server.url('/endless'), { signal })[Symbol.dispose]();
    for (const _ of fetchSync(server.url('/endless'), { signal }).body!) break;
    throws(() => fetchSync(server.url('/slam'), { signal }), TypeError);
  }
  equal(getEventListeners(signal, 'abort').length, 0);
});

test('a server that is slow does not make a timeout of what came in time', () => {
  const wait = coroutine((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const response = fetchSync(server.url('/status?is=200'), { timeout: AN_HOUR });
  run(wait(20));
  equal(response.text(), 'status 200');
});
