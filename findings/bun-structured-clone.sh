#!/usr/bin/env bash
# Bun 1.4.5: `structuredClone` of a Map copies the properties that the Map object itself has, and that of an array
# copies elements that are not enumerable. A good guess is the standard's algorithm, as in Node and Deno: of a Map only
# its entries are copied, and of an array the enumerable own properties.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --no-audit --no-fund --silent --foreground-scripts bun@1.4.5 > /dev/null 2>&1
cat > program.mjs <<'PROGRAM'
const map = new Map([['a', 1]]); map.extra = 'own';
const list = ['x']; Object.defineProperty(list, 0, { enumerable: false });
const c = structuredClone(map), l = structuredClone(list);
console.log(JSON.stringify({ extra: c.extra ?? null, hidden: 0 in l }));
PROGRAM
seen=$(./node_modules/.bin/bun program.mjs)
echo "$seen"
[ "$seen" = '{"extra":"own","hidden":true}' ] || { echo 'This has changed.' >&2; exit 1; }
