// An ordinary async client. palitra imports it once, on the loop thread: connections and rates stay there.

import { getSignal } from 'palitra/loop';

const rates = new Map();

/** What one unit of the currency is worth in euros. */
export async function fetchRate(company, currency) {
  if (!rates.has(currency)) rates.set(currency, await get(`${company}/rates/${currency}`));
  return rates.get(currency);
}

/** All customers, page by page. */
export async function* listCustomers(company) {
  for (let page = 0; ; page++) {
    const { rows, isLast } = await get(`${company}/customers/${page}`);
    yield* rows;
    if (isLast) return;
  }
}

async function get(url) {
  const response = await fetch(url, { signal: getSignal() });
  if (!response.ok) throw new RangeError(`${new URL(url).pathname} answered ${response.status}`);
  return response.json();
}
