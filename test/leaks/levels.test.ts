/** After many calls, and after many runners, what there is is back at the start. `npm run test:leaks` does the same at length. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript, type Outcome } from '../support/child.ts';

const prelude = `
  import { EventLoopThreadRunner } from 'palitra';
  import { beginAndEnd, callInTurn, findGrowth, higher, takeLevel } from './../leaks/mixture.js';
  process.on('warning', () => undefined);
`;

function measure(body: string): Promise<Outcome> {
  return runScript(prelude + body, {
    nodeArgs: ['--expose-gc', '--no-warnings'],
    limitMs: 120_000,
  });
}

test('10,000 calls with callbacks, handles, timeouts, errors and iterators leave nothing behind on either thread', async () => {
  const { stdout, stderr, isHung } = await measure(`
    const runner = new EventLoopThreadRunner();
    // Until then both heaps grow by the code of what is used for the first times, by ever less.
    await callInTurn(runner, 10_000);
    const start = await takeLevel(runner);
    await callInTurn(runner, 10_000);
    // 30 bytes for each call would be more than this.
    console.log(JSON.stringify(findGrowth(start, await takeLevel(runner), 300_000)));
    console.log(JSON.stringify(runner.getLoop().tasks()));
    runner.close();`);
  deepEqual({ stdout, stderr, isHung }, { stdout: '[]\n[]\n', stderr: '', isHung: false });
});

test('16 runners that begin, work and are closed leave nothing behind', async () => {
  const { stdout, stderr, isHung } = await measure(`
    const levels = [];
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 16; n++) beginAndEnd(n);
      levels.push(await takeLevel());
    }
    const [one, other, last] = levels;
    // One channel alone would be half of this.
    console.log(JSON.stringify(findGrowth(higher(one, other), last, 500_000)));`);
  deepEqual({ stdout, stderr, isHung }, { stdout: '[]\n', stderr: '', isHung: false });
});
