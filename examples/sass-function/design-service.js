// The service that knows the company's colours. It runs on a loop thread of its own.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { getSignal, started } from 'palitra/loop';

const colours = {
  'brand.main': { red: 0, green: 128, blue: 128 },
  'brand.alert': { red: 200, green: 30, blue: 60 },
};
const requests = [];
const held = [];

export async function serve() {
  const server = createServer((request, response) => {
    const name = request.url.slice('/colours/'.length);
    requests.push(name);
    if (name === 'brand.slow') return; // never answers
    if (name.startsWith('brand.new')) return void holdUntilTwo(response);
    response.statusCode = name in colours ? 200 : 404;
    response.end(JSON.stringify(colours[name]));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  started(`http://127.0.0.1:${server.address().port}`);
  await once(getSignal(), 'abort');
  server.closeAllConnections();
}

/** Answers once two are waiting: a client that asks for one after the other gets no answer. */
function holdUntilTwo(response) {
  if (held.push(response) < 2) return;
  for (const one of held.splice(0)) one.end(JSON.stringify({ red: 1, green: 2, blue: 3 }));
}

export function takeRequests() {
  return requests.splice(0);
}
