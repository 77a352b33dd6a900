// The same load on the blocking and on the async route: 200 dashboards, 20 at a time.

import { fork } from 'node:child_process';
import { once } from 'node:events';

const app = fork(new URL('./server.js', import.meta.url), { silent: true });
const [{ port }] = await once(app, 'message');

try {
  for (const route of ['dashboard', 'dashboard-async']) {
    await load(route, 20);
    console.log(`/${route}`.padEnd(18), `${Math.round(await load(route, 200))} ms`.padStart(9));
  }
} finally {
  app.kill();
}

async function load(route, requests) {
  const startMs = performance.now();
  const next = Array.from({ length: requests }, (_, id) => id).values();
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (const id of next) {
        const response = await fetch(`http://127.0.0.1:${port}/${route}/${id}`);
        if (!response.ok) throw new Error(`${route}/${id} answered ${response.status}`);
        await response.arrayBuffer();
      }
    }),
  );
  return performance.now() - startMs;
}
