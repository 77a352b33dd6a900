import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** Each is called at every distance from the end of the caller's stack, and must fail cleanly or succeed. */
const calls = {
  'a small result': '(n) => run(echo({ [`key${n}`]: n }))[`key${n}`] === n',
  'a deep result': "(n) => descend('objects', run(chain('objects', 95, n))).bottom === n",
  'a result too large for shared memory': '(n) => run(repeat(n)).length === n + 100_000',
  'a platform object': '(n) => run(blob(n)).size === n',
  'an error':
    '(n) => { try { run(fail(n)); } catch (error) { if (error.n === n) return true; throw error; } }',
  'a callback': '(n) => run(ask(n, (x) => 2 * x)) === 2 * n',
  'a callback that calls run': '(n) => run(ask(n, (x) => run(echo(x)))) === n',
  'a group': '(n) => gather(echo(n), echo(n + 1))[1] === n + 1',
  'an iteration': '(n) => [...iterate(count(n))].length === 5',
};

for (const [title, call] of Object.entries(calls)) {
  test(`on a stack that is nearly full: ${title}`, async () => {
    const { stdout, stderr, code } = await runScript(
      `
      import { coroutine, coroutines, gather, iterate, run, EventLoopThreadRunner } from 'palitra';
      import { descend } from './chains.js';
      const { chain } = coroutines('./chains.js', import.meta);
      const echo = coroutine(async (value) => value);
      const repeat = coroutine(async (n) => 'x'.repeat(n + 100_000));
      const blob = coroutine(async (n) => new Blob(['x'.repeat(n)]));
      const fail = coroutine(async (n) => { throw Object.assign(new TypeError('no'), { n }); });
      const ask = coroutine(async (n, callback) => callback(n));
      const count = coroutine(async function* (n) { for (let i = 0; i < 5; i++) yield n; });
      const call = ${call};
      let [right, wrong] = [0, 0];
      const errors = [];
      let n = 0;
      const attempt = (n) => {
        try {
          if (call(n)) right += 1; else wrong += 1;
        } catch (error) {
          errors[errors.length] = error;
        }
      };
      const state = run(coroutine(async () => (globalThis.state = Math.random()))());
      (function dive() {
        try { dive(); } catch (error) { if (!(error instanceof RangeError)) throw error; }
        if (right < 150) attempt(n += 1);
      })();
      const other = errors.filter(({ message }) => !/stack/i.test(message)).map(String);
      console.log(wrong, other.join(), errors.length > 0, right);
      console.log(call(5), run(coroutine(async () => globalThis.state)()) === state);`,
      // Deno takes half a minute for a thousand full stacks.
      { limitMs: 120_000 },
    );
    equal(stderr, '');
    deepEqual({ stdout, code }, { stdout: '0  true 150\ntrue true\n', code: 0 });
  });
}
