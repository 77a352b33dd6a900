/**
 * In Deno a loop thread that has run dry ends. It answered its callers before it said so, and a caller that
 * was quick sent its next call to a thread that was ending: `LoopThreadError`, one time in two.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

test('the call after one that could never settle gets a loop thread that lives', async () => {
  const { stdout, stderr, isHung } = await runScript(`
    import { coroutines, createTask, run } from 'palitra';
    const { add } = coroutines('./arithmetic.js', import.meta);
    const { wait } = coroutines('./never.js', import.meta);
    const codeOf = (body) => { try { return body(); } catch (error) { return error.code; } };
    const outcomes = new Set();
    for (let round = 0; round < 10; round++) {
      outcomes.add(codeOf(() => run(wait())));
      outcomes.add(codeOf(() => createTask(wait()).result()));
      outcomes.add(codeOf(() => run(add(1, 2))));
    }
    console.log([...outcomes].join());`);
  deepEqual(
    { stdout, stderr, isHung },
    { stdout: 'ERR_PALITRA_NEVER_SETTLED,3\n', stderr: '', isHung: false },
  );
});
