#!/usr/bin/env bash
# Node 24.21.0 (20, 22 and 26 as well): `new Headers(object)`, and so `fetch`, takes properties of the object that are
# not enumerable. A good guess is the standard's conversion of a record, which leaves those out, as Deno does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --no-audit --no-fund --silent --foreground-scripts node@24.21.0 > /dev/null 2>&1
cat > program.mjs <<'PROGRAM'
const h = Object.defineProperty({ 'x-seen': '1' }, 'x-hidden', { value: '2', enumerable: false });
console.log(new Headers(h).get('x-hidden'));
PROGRAM
seen=$(./node_modules/.bin/node program.mjs)
echo "$seen"
[ "$seen" = '2' ] || { echo 'This has changed.' >&2; exit 1; }
