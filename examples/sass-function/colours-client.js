// An ordinary async client. palitra imports it once, on the loop thread: connections and answers stay there.

import { getSignal } from 'palitra/loop';

const answers = new Map();

export async function fetchColour(service, name) {
  const url = `${service}/colours/${encodeURIComponent(name)}`;
  if (!answers.has(url)) answers.set(url, await request(url, name));
  return answers.get(url);
}

async function request(url, name) {
  const response = await fetch(url, { signal: getSignal() });
  if (!response.ok) throw new Error(`the design service has no colour "${name}"`);
  return response.json();
}
