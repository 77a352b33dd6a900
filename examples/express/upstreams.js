// The three services behind the app, on three ports of one process of its own. Each answers after 2 to 12 ms.
// The last path segment is a user's id, or one of three that misbehave on purpose:
//   broken       the orders service answers 500
//   slow         the recommendations service takes a minute
//   rendezvous   nobody answers before all three services have been asked: only concurrent calls get through

import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { services } from './shop-data.js';

const waiting = new Set();
const urls = {};

for (const [name, lookUp] of Object.entries(services)) {
  const server = createServer(async (request, response) => {
    const user = request.url.split('/').at(-1);
    if (user === 'rendezvous') return meet(response, name);
    if (user === 'slow' && name === 'recommendations')
      await sleep(60_000, undefined, { ref: false });
    await sleep(2 + Math.random() * 10);
    if (user === 'broken' && name === 'orders')
      return reply(response, 500, { error: 'out of ink' });
    reply(response, 200, lookUp(Number(user) || 0));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  urls[name] = `http://127.0.0.1:${server.address().port}`;
}

function meet(response, name) {
  waiting.add([response, name]);
  if (waiting.size < 3) return;
  for (const [peer, service] of waiting) reply(peer, 200, services[service](1));
  waiting.clear();
}

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

process.send?.(urls);
process.once('disconnect', () => process.exit());
