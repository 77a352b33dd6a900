// @ts-check
// An HTTP server as a process of its own: the countries of the `countries-list` package, each answer some way off.
// It counts what arrives, so that the demo's claims about sockets rest on the server's word and not on the client's.

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCountryDataList } from 'countries-list';

/** @typedef {{ requests: number, aborted: number, socketsOpened: number, socketsOpen: number }} Counters */

const countries = new Map(
  getCountryDataList().map((country) => [/** @type {string} */ (country.iso2), country]),
);
const latencies = new Map(
  [...countries.keys()].map((code, index) => [code, 40 + ((index * 37) % 81)]),
);

/** @type {Counters} */
const counters = { requests: 0, aborted: 0, socketsOpened: 0, socketsOpen: 0 };

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://atlas');
  if (url.pathname === '/stats') return reply(response, 200, counters);

  counters.requests += 1;
  if (url.pathname === '/countries') return reply(response, 200, [...countries.keys()]);

  const code = url.pathname.replace('/countries/', '');
  const country = countries.get(code);
  const latencyMs = Number(url.searchParams.get('latency') ?? latencies.get(code) ?? 20);
  const answer = setTimeout(() => {
    if (country) reply(response, 200, { ...country, latencyMs });
    else reply(response, 404, { message: `the atlas has no country '${code}'` });
  }, latencyMs);
  response.once('close', () => {
    if (response.writableEnded) return;
    clearTimeout(answer);
    counters.aborted += 1;
  });
});
server.keepAliveTimeout = 60_000;

server.on('connection', (socket) => {
  counters.socketsOpened += 1;
  counters.socketsOpen += 1;
  socket.once('close', () => (counters.socketsOpen -= 1));
});

server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.({ port, records: countries.size });
});

// The one message this process gets asks for its last words. A socket closed by the client is seen here a moment later.
process.once('message', async () => {
  for (let attempts = 0; counters.socketsOpen > 0 && attempts < 100; attempts += 1) await sleep(10);
  process.send?.(counters);
});

// The channel to the parent closes however the parent ends, by SIGKILL too: this server never outlives the demo.
process.once('disconnect', () => process.exit());

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
