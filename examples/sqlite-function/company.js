// Two services of a company, over HTTP: exchange rates, and a list of customers that comes in pages. They run on a loop
// thread of their own.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { getSignal, started } from 'palitra/loop';

const euros = { EUR: 1, USD: 0.9, JPY: 0.006 };
const customers = ['Ada', 'Grace', 'Hedy', 'Katherine', 'Mary'];
const requests = [];

export async function serve() {
  const server = createServer(({ url }, response) => {
    requests.push(url);
    const [, service, key] = url.split('/');
    const answer = service === 'rates' ? euros[key] : pageOfCustomers(Number(key));
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  started(`http://127.0.0.1:${server.address().port}`);
  await once(getSignal(), 'abort');
  server.closeAllConnections();
}

function pageOfCustomers(page) {
  const from = page * 2;
  const rows = customers.slice(from, from + 2).map((name, index) => ({ id: from + index, name }));
  return { rows, isLast: from + 2 >= customers.length };
}

export function takeRequests() {
  return requests.splice(0);
}
