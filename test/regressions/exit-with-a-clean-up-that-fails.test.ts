/**
 * At exit the loop threads are closed one after the other. A last message that could not be read made
 * `close()` throw, and the loop threads behind it were not closed: their clean-ups never ran.
 */
import { test } from 'node:test';
import { deepEqual, match } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import { isBun, isDeno } from '../support/runtime.ts';

// The codes are those of an `exit` handler that throws (in Bun and Deno always 1), and of two errors Node prints the first.
for (const [road, script, code, printed] of [
  ['the end of the program', '', 1, /RangeError: poisoned/],
  ['process.exit()', 'process.exit(5);', isBun || isDeno ? 1 : 5, /RangeError: poisoned/],
  ['an uncaught error', "throw new Error('uncaught');", 1, /[Ee]rror: uncaught/],
] as const) {
  test(`at ${road}, a loop thread whose clean-up fails does not keep the others from theirs`, async () => {
    const outcome = await runScript(`
      import { coroutine, coroutines, EventLoopThreadRunner } from 'palitra';
      const shutdown = coroutines('./shutdown.js', import.meta);
      const failAtEnd = coroutine(async () => {
        const { onShutdown } = await import('palitra/loop');
        onShutdown(() => {
          throw Object.assign(new Error('unreadable'), { details: { poison: 1 } });
        });
        return { poison: 0 };
      });
      const runners = ['first', 'second', 'third'].map((name) => {
        const runner = new EventLoopThreadRunner({ onUnhandledError: () => undefined });
        runner.run(name === 'first' ? failAtEnd() : shutdown.printAtEnd(name));
        return runner;
      });
      // Of the objects that are made alike, the first one was read before this: the next cannot be.
      Object.defineProperty(Object.prototype, 'poison', {
        set() { throw new RangeError('poisoned'); },
      });
      ${script}`);
    deepEqual(
      { code: outcome.code, stdout: outcome.stdout, isHung: outcome.isHung },
      { code, stdout: 'second\nthird\n', isHung: false },
    );
    match(outcome.stderr, printed);
  });
}
