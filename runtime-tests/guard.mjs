// Says which runtime this is and which palitra it found; the runner compares both with what was asked for.
import { run, coroutine } from 'palitra';

const { bun, deno, node } = process.versions;
const name =
  bun === undefined ? (deno === undefined ? `node${node.split('.')[0]}` : 'deno') : 'bun';
console.log(
  JSON.stringify({
    name,
    version: bun ?? deno ?? node,
    palitra: import.meta.resolve('palitra'),
    onLoop: run(
      coroutine(
        async () => process.versions.bun ?? process.versions.deno ?? process.versions.node,
      )(),
    ),
  }),
);
