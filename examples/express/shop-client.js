// An ordinary async module, as you would write it for async callers. palitra imports it once, on the loop thread:
// `fetch` keeps its connections there between calls, and `urls` stays set.

import { getSignal } from 'palitra/loop';

let urls;

export function configure(upstreamUrls) {
  urls = upstreamUrls;
}

export const fetchProfile = (user) => fetchFrom('profiles', user);
export const fetchOrders = (user) => fetchFrom('orders', user);
export const fetchRecommendations = (user) => fetchFrom('recommendations', user);

async function fetchFrom(service, user) {
  // The signal ends the request when the handler's timeout passes or a sibling of the `gather` fails.
  const response = await fetch(`${urls[service]}/${encodeURIComponent(user)}`, {
    signal: getSignal(),
  });
  if (!response.ok) throw new UpstreamError(service, response.status);
  return response.json();
}

class UpstreamError extends Error {
  constructor(service, status) {
    super(`${service} answered ${status}`);
    Object.assign(this, { name: 'UpstreamError', service, status });
  }
}
