#!/usr/bin/env bash
# Node 24.21.0 (26.10.0 as well): `locks.query()` on a worker lists its request as pending, and does not list the lock
# that it waits for, which the main thread holds. A good guess is the standard's: a snapshot of the state of all locks of
# the origin, held by whomever, so that what is pending always has a holder in the same list.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --no-audit --no-fund --silent --foreground-scripts node@24.21.0 > /dev/null 2>&1
cat > program.mjs <<'PROGRAM'
import { Worker, isMainThread, parentPort, locks } from 'node:worker_threads';
if (isMainThread) {
  await locks.request('L', async () => { const w = new Worker(new URL(import.meta.url)); w.on('message', (m) => console.log('worker', JSON.stringify(m))); const { held } = await locks.query(); console.log('main', JSON.stringify(held.map((h) => h.name))); await new Promise((r) => w.on('exit', r)); });
} else {
  void locks.request('L', () => {}); void locks.request('own', () => new Promise((r) => setTimeout(r, 50)));
  await new Promise((r) => setTimeout(r, 10));
  const { held, pending } = await locks.query(); parentPort.postMessage({ held: held.map((h) => h.name), pending: pending.map((h) => h.name) });
}
PROGRAM
seen=$(./node_modules/.bin/node program.mjs)
echo "$seen"
[ "$seen" = 'main ["L"]
worker {"held":["own"],"pending":["L"]}' ] || { echo 'This has changed.' >&2; exit 1; }
