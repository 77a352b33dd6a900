import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

// The loop thread begins with what is in its inbox: first the call, then its abortion. A call that was sent
// meanwhile stood behind one that never ended, and nobody looked whether the thread still turned.
for (const options of ['', ', { timeout: 10_000 }']) {
  test(`a call that is given up before the loop thread has begun holds up no later one${options}`, async () => {
    const { stdout, isHung, code } = await runScript(`
      import { coroutine, run } from 'palitra';

      const compute = coroutine(async () => { for (;;); });
      const answer = coroutine(async () => 42);
      try {
        run(compute(), { timeout: 1 });
      } catch (error) {
        console.log(error.code, /has not begun yet/.test(error.message));
      }
      console.log(run(answer()${options}));
    `);
    deepEqual(
      { stdout, isHung, code },
      { stdout: 'ERR_PALITRA_TIMEOUT true\n42\n', isHung: false, code: 0 },
    );
  });
}

test('a call with a timeout does not wait for the thread to begin any longer than that', async () => {
  const { stdout, isHung } = await runScript(`
    import { coroutine, run } from 'palitra';

    const answer = coroutine(async () => 42);
    const codes = [];
    for (let n = 0; n < 3; n++) {
      try {
        run(answer(), { timeout: 1 });
      } catch (error) {
        codes.push(error.code);
      }
    }
    console.log(codes.length, run(answer()));
  `);
  deepEqual({ stdout, isHung }, { stdout: '3 42\n', isHung: false });
});
