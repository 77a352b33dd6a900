#!/usr/bin/env bash
# Deno 2.9.6: messages that were posted before their port was closed are not there for `receiveMessageOnPort` on the
# other side (a listener gets them). A good guess is what Node and Bun do, and what the standard says of a port that is
# closed: what is on its way arrives, so all three are read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --no-audit --no-fund --silent --foreground-scripts deno@2.9.6 > /dev/null 2>&1
cat > program.mjs <<'PROGRAM'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
const { port1, port2 } = new MessageChannel();
for (const n of [1, 2, 3]) port1.postMessage(n);
port1.close();
await new Promise((r) => setTimeout(r, 50));
const got = []; for (let m = receiveMessageOnPort(port2); m; m = receiveMessageOnPort(port2)) got.push(m.message);
console.log(JSON.stringify(got)); process.exit();
PROGRAM
seen=$(./node_modules/.bin/deno run -A program.mjs)
echo "$seen"
[ "$seen" = '[]' ] || { echo 'This has changed.' >&2; exit 1; }
