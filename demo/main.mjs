// @ts-check
// The story: a synchronous program from the first line to the last. No `await`, no callback pyramid, no process per call;
// the promises live in ./atlas-client.mjs, on the loop thread. Every claim it prints, it checks.

import assert from 'node:assert/strict';
import { coroutines, gather, run, shutdownGlobalRunner, TimeoutError } from 'palitra';
import { bar, bold, count, dim, green, heading, ms, print, red, row } from './screen.mjs';
import { showSurvey } from './survey-step.mjs';

/** @type {import('palitra').Coroutines<typeof import('./atlas-process.mjs')>} */
const server = coroutines('./atlas-process.mjs', import.meta);

/** @type {import('palitra').Coroutines<typeof import('./atlas-client.mjs')>} */
const atlas = coroutines('./atlas-client.mjs', import.meta);

// What happens after the last line is noted by the loop thread, in memory that both threads see.
const farewell = new Uint8Array(new SharedArrayBuffer(1));

const { origin, pid, records } = run(server.launch(farewell));
run(atlas.connect(origin, { connections: 25 }));

// palitra itself awaits every onShutdown after the last exit handler; this one wants to see what came of it.
process.once('exit', () => {
  shutdownGlobalRunner();
  if (farewell[0] === 1) return;
  print(red('The server was not left as it should be.'));
  process.exitCode = 1;
});

print();
print(bold('palitra: a synchronous program with an event loop in the background'));
print(dim(`The atlas: ${records} countries, each 40 to 120 ms away,`));
print(dim(`behind ${origin}, a process of its own (${pid}).`));

heading(1, 'One record', "run(atlas.fetchCountry('JP'))");
const japan = timed(() => run(atlas.fetchCountry('JP')));
showCountry(japan.value, japan.elapsedMs);
assert.equal(japan.value.capital, 'Tokyo');

heading(2, 'Fifty records at once', 'gather(codes.map((code) => …))');
const codes = run(atlas.listCodes()).slice(0, 50);
const fifty = timed(() => gather(codes.map((code) => atlas.fetchCountry(code))));
const sumMs = fifty.value.reduce((sum, country) => sum + country.latencyMs, 0);
fifty.value.slice(0, 3).forEach((country) => showCountry(country, country.latencyMs));
row(['…', 3], [`and ${codes.length - 3} more, in order`, 0, dim]);
print();
row(['one by one', 13], [ms(sumMs), -9], [`  ${bar(1, 40)}`, 0]);
row(['gather', 13], [ms(fifty.elapsedMs), -9, bold], [`  ${bar(fifty.elapsedMs / sumMs, 40)}`, 0]);
row(
  ['', 13],
  [`${(sumMs / fifty.elapsedMs).toFixed(1)} ×`, -9, green],
  ['  faster, over 25 pooled sockets', 0, dim],
);
assert.deepEqual(
  fifty.value.map((country) => country.iso2),
  codes,
  'the answers must come in the order of the calls',
);
assert.ok(
  fifty.elapsedMs < sumMs / 5,
  `50 concurrent calls took ${ms(fifty.elapsedMs)}, of ${ms(sumMs)} one by one`,
);

heading(3, 'The pool stays open between calls', 'run(atlas.fetchStats())');
const before = run(atlas.fetchStats());
gather(codes.map((code) => atlas.fetchCountry(code)));
const after = run(atlas.fetchStats());
row(['the server counts', 20, dim], ['requests', -10, dim], ['sockets opened', -16, dim]);
row(['so far', 20], [count(before.requests), -10], [before.socketsOpened, -16]);
row(['after 50 more calls', 20], [count(after.requests), -10], [after.socketsOpened, -16, green]);
assert.equal(after.requests - before.requests, 50);
assert.equal(
  after.socketsOpened,
  before.socketsOpened,
  'the later calls must use the sockets that are there',
);

heading(4, 'What fails, fails alone', 'run(…, { timeout: 150 })');
const failed = timed(() => caught(() => run(atlas.fetchCountry('XX'))));
showError(failed.value, failed.elapsedMs);
assert.equal(failed.value.name, 'AtlasError');

const late = timed(() =>
  caught(() => run(atlas.fetchCountry('NZ', { latencyMs: 60_000 }), { timeout: 150 })),
);
showError(late.value, late.elapsedMs);
assert.ok(late.value instanceof TimeoutError);
assert.ok(late.elapsedMs >= 149, 'a timeout must not come early');

const iceland = timed(() => run(atlas.fetchCountry('IS')));
showCountry(iceland.value, iceland.elapsedMs);
assert.equal(iceland.value.capital, 'Reykjavik');

heading(5, 'A progress bar, called from the coroutine', 'run(atlas.fetchAll(drawBar))');
showSurvey(atlas);

heading(6, 'That was the last line of the program', 'onShutdown(() => pool.close())');

/**
 * @template T
 * @param {() => T} action
 */
function timed(action) {
  const startMs = performance.now();
  const value = action();
  return { value, elapsedMs: performance.now() - startMs };
}

/** @param {() => unknown} action @returns {Error} */
function caught(action) {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  throw new assert.AssertionError({ message: 'this call should have thrown' });
}

/** @param {import('./atlas-client.mjs').Country} country @param {number} elapsedMs */
function showCountry(country, elapsedMs) {
  row(
    [green('✓'), 0],
    [country.iso2, 3],
    [country.name, 24],
    [country.capital, 18],
    [country.currency.join(' '), 8],
    [ms(elapsedMs), -8],
  );
}

/** @param {Error} error @param {number} elapsedMs */
function showError(error, elapsedMs) {
  row([red('✗'), 0], [error.name, 52, red], [ms(elapsedMs), -11]);
  row(['', 1], [error.message.split('. ')[0] ?? '', 0, dim]);
}
