/**
 * The stack is cut off at each operation on shared memory and each message to a port, one after the other. In a
 * build that has a place to be cut off in front of each, and behind it.
 */
import { test } from 'node:test';
import { deepEqual, ok } from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runNode } from '../support/child.ts';
import { isBun, isDeno } from '../support/runtime.ts';

const dist = fileURLToPath(new URL('.', import.meta.resolve('palitra')));

const here = 'globalThis.place?.();';
/** As they stand in what is published, and with the places. */
const OPERATIONS = [
  ['store(words, index, value);', `${here} store(words, index, value); ${here}`],
  [
    'return exchange(words, index, value);',
    `${here} const before = exchange(words, index, value); ${here} return before;`,
  ],
  [
    'wait(words, index, expected, timeoutMs);',
    `${here} wait(words, index, expected, timeoutMs); ${here}`,
  ],
  [
    'wake: () => wake.postMessage(null),',
    `wake: () => { ${here} wake.postMessage(null); ${here} },`,
  ],
  [
    'send: (parcels, transfers) => data.postMessage(parcels, transfers),',
    `send: (parcels, transfers) => { ${here} data.postMessage(parcels, transfers); },`,
  ],
  [
    'take: () => workerThreads().receiveMessageOnPort(data)?.message,',
    `take: () => { ${here} const parcels = workerThreads().receiveMessageOnPort(data)?.message; ${here} return parcels; },`,
  ],
] as const;

/** A copy of the library whose calling side calls `globalThis.place?.()` all along. */
function buildWithPlaces(): { readonly folder: string; readonly index: string } {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-cut-'));
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const core = join(folder, 'dist', 'palitra-core.js');
  let text = readFileSync(core, 'utf8');
  for (const [operation, withPlaces] of OPERATIONS) {
    ok(text.includes(operation), operation);
    text = text.replaceAll(operation, withPlaces);
  }
  writeFileSync(core, text);
  return { folder, index: pathToFileURL(join(folder, 'dist', 'index.js')).href };
}

const program = (index: string, body: string): string => `
  import vm from 'node:vm';
  import { coroutine, createTask, EventLoopThreadRunner, gather, iterate, keep } from ${JSON.stringify(index)};
  const echo = coroutine(async (value) => value);
  const callBack = coroutine(async (callback) => callback());
  const later = coroutine((ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value)));
  const runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
  const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  runner.run(echo(1));
  let left = 0;
  let isCut = false;
  globalThis.place = () => { if (left > 0 && --left === 0) { isCut = true; for (;;); } };
  const lost = new Set();
  const same = (value, expected) => { if (value !== expected) throw new Error('not its own: ' + value + ' for ' + expected); };
  /** In the middle of a message nothing can be saved; everywhere else it can. */
  const attempt = (body) => { try { body(); } catch (error) { if (error.name !== 'LoopThreadError') throw error; lost.add(place); } };
  let place = 1;
  for (; ; place++) {
    pause();
    isCut = false;
    left = place;
    try { vm.runInContext('go()', vm.createContext({ go: () => { ${body} } }), { timeout: 15 }); } catch (error) { if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error; }
    left = 0;
    if (!isCut) break;
    attempt(() => same(runner.run(echo(place)), place));
    if (place % 2 === 0) await turn();
    attempt(() => same(runner.run(callBack(() => place)), place));
    pause();
    attempt(() => same(gather(runner.run(echo(place)) ? [] : [])[0], undefined));
    same(await runner.createTask(callBack(async () => place)), place);
    same(runner.run(echo(place)), place);
    await turn();
    same(runner.getLoop().tasks().length, 0);
  }
  console.log('places', place - 1, 'lost', [...lost].length);`;

for (const [title, body] of [
  ['a run', 'runner.run(echo(7));'],
  ['a value that goes by port', 'runner.run(echo(new Blob(["text"])));'],
  ['a run with a callback', 'runner.run(callBack(() => 1));'],
  ['a run in a callback', 'runner.run(callBack(() => runner.run(later(3, 1))));'],
  ['a gather', 'runner.gather([echo(1), later(3), echo("x".repeat(40_000))]);'],
  ['an iteration', '[...runner.iterate(coroutine(async function* () { yield 1; yield 2; })())];'],
  ['a task', 'runner.createTask(later(2)).result();'],
] as const) {
  test(
    `${title} is cut off at each place, and what comes after it works`,
    { skip: (isBun || isDeno) && 'no timeout of node:vm ends a blocked call here' },
    async () => {
      const { folder, index } = buildWithPlaces();
      try {
        const file = join(folder, 'main.mjs');
        writeFileSync(file, program(index, body));
        const { stdout, stderr, isHung } = await runNode([file], { limitMs: 30_000 });
        const [, places, lost] = /^places (\d+) lost (\d+)\n$/.exec(stdout) ?? [];
        deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
        ok(Number(places) >= 10, `${stdout} places`);
        ok(2 * Number(lost) < Number(places), `${lost} of ${places} places cost the loop thread`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
}
