#!/usr/bin/env bash
# Bun 1.4.5: after `process.chdir()` on the main thread, `process.cwd()` on a worker still says the old folder, while
# relative paths are looked for in the new one. A good guess is that both follow, as in Node and Deno, or neither.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --no-audit --no-fund --silent --foreground-scripts bun@1.4.5 > /dev/null 2>&1
cat > program.mjs <<'PROGRAM'
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { mkdtempSync, writeFileSync, readFileSync, existsSync } from 'node:fs'; import { tmpdir } from 'node:os'; import { join } from 'node:path';
if (isMainThread) { const folder = mkdtempSync(join(tmpdir(), 'f-')); writeFileSync(join(folder, 'only-there.txt'), ''); const w = new Worker(new URL(import.meta.url)); await new Promise((r) => w.once('message', r)); process.chdir(folder); w.postMessage(folder); console.log(JSON.stringify(await new Promise((r) => w.once('message', r)))); process.exit(); }
else { process.cwd(); parentPort.postMessage('ready'); parentPort.once('message', (folder) => parentPort.postMessage({ cwdFollows: process.cwd() === folder, filesFollow: existsSync('only-there.txt') })); }
PROGRAM
seen=$(./node_modules/.bin/bun program.mjs)
echo "$seen"
[ "$seen" = '{"cwdFollows":false,"filesFollow":true}' ] || { echo 'This has changed.' >&2; exit 1; }
