// Runs on the loop thread: posts one batch of spans, over a connection that stays open.

import { getSignal } from 'palitra/loop';

export async function send(url, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body, signal: getSignal() });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the collector answered ${response.status}`);
}
