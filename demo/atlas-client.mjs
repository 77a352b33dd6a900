// @ts-check
// An ordinary async module: promises, a connection pool, module state. Nothing in it is written for synchronous callers.
// palitra imports it once, on the loop thread, and there the pool stays, from call to call.

import { Pool } from 'undici';
import { getSignal, onShutdown } from 'palitra/loop';
import { print, tick } from './screen.mjs';

/** @typedef {import('countries-list').ICountryData & { latencyMs: number }} Country */

/** @type {Pool} */
let pool;

/** @param {string} origin @param {{ connections: number }} options */
export async function connect(origin, options) {
  pool = new Pool(origin, options);
  onShutdown(async () => {
    await pool.close();
    print(tick('onShutdown', 'the pool is closed'));
  });
}

/** @param {string} code @param {{ latencyMs?: number }} [options] @returns {Promise<Country>} */
export async function fetchCountry(code, { latencyMs } = {}) {
  return fetchJson(`/countries/${code}${latencyMs ? `?latency=${latencyMs}` : ''}`);
}

/** @returns {Promise<string[]>} */
export async function listCodes() {
  return fetchJson('/countries');
}

/** @returns {Promise<import('./atlas-server.mjs').Counters>} */
export async function fetchStats() {
  return fetchJson('/stats');
}

/**
 * Fetches every country there is. `onProgress` is a function of the caller: it runs over there, on the blocked thread.
 *
 * @param {(done: number, total: number) => unknown} onProgress
 */
export async function fetchAll(onProgress) {
  const codes = await listCodes();
  let done = 0;
  return Promise.all(
    codes.map(async (code) => {
      const country = await fetchCountry(code);
      await onProgress(++done, codes.length);
      return country;
    }),
  );
}

class AtlasError extends Error {
  /** @override */
  name = 'AtlasError';
}

/** @param {string} path @returns {Promise<any>} */
async function fetchJson(path) {
  const { statusCode, body } = await pool.request({ path, method: 'GET', signal: getSignal() });
  const answer = /** @type {any} */ (await body.json());
  if (statusCode !== 200) throw new AtlasError(answer.message);
  return answer;
}
