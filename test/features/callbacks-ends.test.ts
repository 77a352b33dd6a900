import { test } from 'node:test';
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { runScript, type Outcome } from '../support/child.ts';

/** What a script starts with: everything here may hang, so it runs in a process of its own. */
const prelude = `
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, keep, run,
    shutdownGlobalRunner } from 'palitra';
  const api = coroutines('./callbacks.js', import.meta);
  const runner = new EventLoopThreadRunner({ shutdownTimeout: 3_600_000 });
  const say = (...words) => console.log(...words);
  const attempt = (body) => {
    try {
      return body();
    } catch (error) {
      return error.name;
    }
  };
  /** Has taken its signal, so that closing waits until it has ended. */
  const careful = coroutine(async (callback) => {
    const { getSignal } = await import('palitra/loop');
    getSignal();
    return callback();
  });
`;

async function lines(script: string): Promise<string[]> {
  const outcome = await runScript(prelude + script);
  assertEnded(outcome);
  return outcome.stdout.trim().split('\n');
}

function assertEnded({ isHung, code, stderr }: Outcome, expected = 0): void {
  deepEqual({ isHung, code, stderr }, { isHung: false, code: expected, stderr: '' });
}

test('close() inside a callback ends the call with CancelledError, at once', async () => {
  deepEqual(
    await lines(`
      let after = 'nothing';
      say(attempt(() => runner.run(careful(() => {
        runner.close();
        after = attempt(() => runner.run(api.drop()));
      }))));
      say(after, runner.getLoop === undefined, attempt(() => runner.run(api.drop())));
    `),
    ['CancelledError', 'RunnerClosedError false RunnerClosedError'],
  );
});

test('close() inside a callback ten levels deep ends every level', async () => {
  deepEqual(
    await lines(`
      const names = [];
      const descend = (depth) => {
        if (depth === 0) return runner.close();
        try {
          runner.run(careful(() => descend(depth - 1)));
        } catch (error) {
          names.push(error.name);
          throw error;
        }
      };
      attempt(() => descend(10));
      say(names.length, [...new Set(names)].join());
    `),
    ['10 CancelledError'],
  );
});

test('shutdownGlobalRunner() inside a callback ends the call; the next one starts a new thread', async () => {
  deepEqual(
    await lines(`
      say(attempt(() => run(careful(() => {
        shutdownGlobalRunner();
        say('inside', run(api.call(() => 'new')));
        shutdownGlobalRunner();
      }))));
      say(run(api.call(() => 'next')));
    `),
    ['inside new', 'CancelledError', 'next'],
  );
});

test('close() while an async callback of a task is under way ends the task', async () => {
  deepEqual(
    await lines(`
      const task = runner.createTask(careful(() => new Promise(() => {})));
      await runner.createTask(api.call(() => 0, [], 20));
      runner.close();
      say(await task.catch((error) => error.name));
    `),
    ['CancelledError'],
  );
});

test('process.exit() inside a callback ends the process with its code', async () => {
  const outcome = await runScript(`${prelude}
    process.on('exit', () => say('exiting', attempt(() => run(api.call(() => 'still works')))));
    run(careful(() => process.exit(7)));
    say('not reached');
  `);
  assertEnded(outcome, 7);
  equal(outcome.stdout, 'exiting still works\n');
});

test('an uncaught error of a callback’s coroutine ends the process as any error does', async () => {
  const { code, stderr, isHung } = await runScript(`${prelude}
    run(api.call(function inTheCallback() {
      throw new RangeError('nobody catches it');
    }));
  `);
  equal(isHung, false);
  equal(code, 1);
  match(stderr, /RangeError: nobody catches it/);
  match(stderr, /inTheCallback .*main\.mjs/);
});

test('a loop thread that ends while a callback runs: LoopThreadError, and the next call works', async () => {
  deepEqual(
    await lines(`
      const end = coroutine(() => process.exit(3));
      let inner;
      say(attempt(() => runner.run(api.call(() => {
        inner = attempt(() => runner.run(end()));
        return 1;
      }))));
      say(inner, runner.run(api.call(() => 'next')));
      runner.close();
    `),
    ['LoopThreadError', 'LoopThreadError next'],
  );
});

test('a callback that calls run after the loop thread has ended in it gets a new one', async () => {
  deepEqual(
    await lines(`
      const end = coroutine(() => process.exit(3));
      say(attempt(() => runner.run(api.call(() => {
        attempt(() => runner.run(end()));
        say(runner.run(api.call(() => 'on the new one')));
      }))));
      runner.close();
    `),
    ['on the new one', 'LoopThreadError'],
  );
});

test('a task may be cancelled by its own callback', async () => {
  deepEqual(
    await lines(`
      const task = createTask(careful(() => task.cancel()));
      say(await task.catch((error) => error.name), task.cancelled);
      const blocked = createTask(careful(() => blocked.cancel()));
      say(attempt(() => blocked.result()), run(api.call(() => 'next')));
    `),
    ['CancelledError true', 'CancelledError next'],
  );
});

test('what can never settle is found inside a callback, and ends only that call', async () => {
  deepEqual(
    await lines(`
      const never = coroutine(() => new Promise(() => {}));
      const inside = run(api.call(() => attempt(() => run(never()))));
      say(inside, run(api.call(() => 'next')));
      say(attempt(() => run(api.call(() => run(never())))));
      say(attempt(() => gather(api.call(() => 1), never())));
      const waits = coroutine(async (callback) => { await callback(); await new Promise(() => {}); });
      say(attempt(() => run(waits(() => 1))));
    `),
    ['NeverSettledError next', 'NeverSettledError', 'NeverSettledError', 'NeverSettledError'],
  );
});

test('a blocked call that waits for an async callback of a task is found as well', async () => {
  deepEqual(
    await lines(`
      const gate = coroutine(async (callback) => { globalThis.open = callback(); return globalThis.open; });
      const through = coroutine(() => globalThis.open);
      const task = createTask(gate(() => new Promise((resolve) => setImmediate(() => resolve('opened')))));
      await createTask(api.call(() => 0, [], 20));
      say(await task);
      let resolve;
      const later = createTask(gate(() => new Promise((r) => (resolve = r))));
      await createTask(api.call(() => 0, [], 20));
      say(attempt(() => run(through())));
      resolve('in the end');
      say(await later);
    `),
    ['opened', 'NeverSettledError', 'in the end'],
  );
});

test('a task that is to be blocked for in its own callback is a DeadlockError there, and goes on', async () => {
  deepEqual(
    await lines(`
      const task = createTask(api.call(() => (say('inside', attempt(() => task.result())), 'went on')));
      say(attempt(() => task.result()), run(api.call(() => 'next')));
    `),
    ['inside DeadlockError', 'went on next'],
  );
});

test('an unanswered callback keeps neither the process nor the loop thread', async () => {
  const outcome = await runScript(`${prelude}
    createTask(api.call(() => new Promise(() => {})));
    await createTask(api.call(() => 0, [], 20));
    say('end of main');
  `);
  assertEnded(outcome);
  ok(outcome.stdout === 'end of main\n');
});
