// @ts-check
// A function among a coroutine's arguments is called from the loop thread and runs here, on the stack of the blocked caller.

import assert from 'node:assert/strict';
import { run } from 'palitra';
import { bar, count, isInteractive, print, row } from './screen.mjs';

/** @param {import('palitra').Coroutines<typeof import('./atlas-client.mjs')>} atlas */
export function showSurvey(atlas) {
  let drawn = 0;

  const countries = run(
    atlas.fetchAll((done, total) => {
      drawn += 1;
      assert.equal(done, drawn, 'progress must arrive in order');
      drawBar(done, total);
    }),
  );

  assert.equal(drawn, countries.length, 'the callback must run once for every country');
  const currencies = new Set(countries.flatMap((country) => country.currency));
  const languages = new Set(countries.flatMap((country) => country.languages));
  print();
  row([
    `${count(countries.length)} countries, ${languages.size} languages, ${currencies.size} currencies`,
    0,
  ]);
}

/** @param {number} done @param {number} total */
function drawBar(done, total) {
  const isComplete = done === total;
  const line = `     ${bar(done / total, 56)} ${`${done}/${total}`.padStart(9)}`;
  if (isInteractive) process.stdout.write(`\r${line}${isComplete ? '\n' : ''}`);
  else if (isComplete) console.log(line);
}
