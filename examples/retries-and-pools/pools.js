// Runs on the loop thread, which only waits for the workers.
import { getSignal, onShutdown } from 'palitra/loop';
import { Piscina } from 'piscina';
import { Tinypool } from 'tinypool';

const filename = new URL('./work.js', import.meta.url).href;
const size = { minThreads: 2, maxThreads: 2 };
let tinypool;
let piscina;

function openTinypool() {
  const pool = new Tinypool({ filename, ...size });
  onShutdown(() => pool.destroy());
  return pool;
}

function openPiscina() {
  const pool = new Piscina({ filename, ...size });
  onShutdown(() => pool.destroy());
  return pool;
}

export async function countWithTinypool(limit) {
  tinypool ??= openTinypool();
  return tinypool.run(limit, { signal: getSignal() });
}

export async function countWithPiscina(limit) {
  piscina ??= openPiscina();
  return piscina.run(limit, { signal: getSignal() });
}
