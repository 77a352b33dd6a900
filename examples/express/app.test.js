import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { services } from './shop-data.js';

const ceiling = { timeout: 60_000 };
let app;
let origin;

before(async () => {
  app = fork(new URL('./server.js', import.meta.url), { silent: true });
  app.stderr.pipe(process.stderr);
  const [{ port }] = await Promise.race([
    once(app, 'message'),
    once(app, 'exit').then(failToStart),
  ]);
  origin = `http://127.0.0.1:${port}`;
}, ceiling);

after(() => app.kill());

test('200 requests, 20 at a time, each get their own user’s data', ceiling, async () => {
  const ids = Array.from({ length: 200 }, (_, index) => index + 1);
  const next = ids.values();
  const answered = [];

  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (const id of next) {
        const { status, body } = await get(id);
        assert.equal(status, 200, `user ${id}`);
        assert.deepEqual(body, dashboardOf(id), `user ${id}`);
        answered.push(id);
      }
    }),
  );

  assert.deepEqual(
    answered.sort((a, b) => a - b),
    ids,
  );
});

test('an async handler gets the same data from the same client', ceiling, async () => {
  const { status, body } = await get(7, 'dashboard-async');
  assert.equal(status, 200);
  assert.deepEqual(body, dashboardOf(7));
});

test('the three calls of one dashboard are in flight at the same time', ceiling, async () => {
  const { status, body } = await get('rendezvous');
  assert.equal(status, 200);
  assert.deepEqual(body, dashboardOf(1));
});

test('an upstream that fails is a 502, caught by an ordinary try/catch', ceiling, async () => {
  const { status, body } = await get('broken');
  assert.equal(status, 502);
  assert.deepEqual(body, { error: 'orders answered 500', service: 'orders' });
});

test('an upstream that hangs is a 504 after the handler’s timeout', ceiling, async () => {
  const startMs = performance.now();
  const { status, body } = await get('slow');
  assert.equal(status, 504);
  assert.deepEqual(body, { error: 'an upstream service took too long' });
  assert.ok(performance.now() - startMs >= 999);
});

test('after a failure and a timeout the next request is answered as ever', ceiling, async () => {
  await get('broken');
  await get('slow');
  const { status, body } = await get(42);
  assert.equal(status, 200);
  assert.deepEqual(body, dashboardOf(42));
});

async function get(user, route = 'dashboard') {
  const response = await fetch(`${origin}/${route}/${user}`);
  return { status: response.status, body: await response.json() };
}

function dashboardOf(id) {
  return {
    profile: services.profiles(id),
    orders: services.orders(id),
    recommendations: services.recommendations(id),
  };
}

function failToStart([code]) {
  throw new Error(`the app ended with code ${code} before it listened`);
}
