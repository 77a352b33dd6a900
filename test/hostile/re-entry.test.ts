/**
 * Code of the user's that runs in the middle of a call, and calls palitra itself: getters while arguments
 * or answers are written, and callbacks. Every place with every deed, and after each the next call works.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** Where code of the user's runs: each calls `meddle`, once, and says what came of the call around it. */
const places: Record<string, string> = {
  'a getter of an argument of run': 'runner.run(echo(bad()))',
  'a getter of the second coroutine of a gather': 'runner.gather(echo(1), echo(bad()), echo(3))[1]',
  'a getter of an argument of a task, blocked for': 'runner.createTask(echo(bad())).result()',
  'a getter of an argument of a task, awaited': 'runner.createTask(echo(bad()))',
  'a getter of an argument of iterate': '[...runner.iterate(numbers(2, bad()))][0]',
  'a getter of an argument of start': 'runner.start(ready(bad())).value',
  'a getter of what a callback returns': 'runner.run(callBack(() => bad()))',
  'a getter of what a callback throws':
    'runner.run(callBack(() => { throw Object.assign(new RangeError("planned"), { a: bad() }); }))',
  'a getter of what next() sends': `(() => {
      const iterator = runner.iterate(numbers(3, 0), { highWaterMark: 1 });
      iterator.next();
      iterator.next(bad());
      return iterator.return('returned').value;
    })()`,
  'a getter of the reason of a cancellation': `(() => {
      const task = runner.createTask(park());
      task.cancel(bad());
      return 'cancelled';
    })()`,
  'a callback of run': 'runner.run(callBack(() => { meddle(); return 1; }))',
  'a callback of a callback':
    'runner.run(callBack(() => runner.run(callBack(() => { meddle(); return 1; }))))',
  'a callback of a group': 'runner.gather(callBack(() => { meddle(); return 1; }), later(5, 2))[0]',
  'a callback between items':
    '[...runner.iterate(calledNumbers(() => { meddle(); return 1; }))][0]',
  'the body of a loop over items': `(() => {
      const seen = [];
      for (const n of runner.iterate(numbers(100, 0))) { if (n === 50) meddle(); seen.push(n); }
      return seen.length;
    })()`,
  'a listener of a signal that ends the call': `(() => {
      const controller = new AbortController();
      controller.signal.addEventListener('abort', () => attempt(meddle));
      return runner.run(callBack(() => controller.abort(new RangeError('planned'))), { signal: controller.signal });
    })()`,
};

/** What it does there. */
const deeds: Record<string, string> = {
  run: 'runner.run(echo(1))',
  'run of something large': 'runner.run(echo("x".repeat(200_000)))',
  'run, many times': 'for (let n = 0; n < 500; n++) runner.run(echo({ ["key" + (n % 40)]: n }));',
  'run that fails': 'attempt(() => runner.run(fail()))',
  'run that times out': 'attempt(() => runner.run(park(), { timeout: 5 }))',
  'an argument that cannot cross': 'attempt(() => runner.run(echo(Symbol())))',
  gather: 'runner.gather(echo(1), later(1, 2))',
  'iterate, to the end': '[...runner.iterate(numbers(100, 0))]',
  'iterate, left early': 'for (const n of runner.iterate(numbers(100, 0))) if (n === 3) break;',
  'a task that goes on': 'runner.createTask(park()).catch(() => {})',
  'a task, blocked for': 'runner.createTask(later(1, 1)).result()',
  'a callback': 'runner.run(callBack(() => runner.run(echo(1))))',
  'another runner': 'other.run(echo(1))',
  'the same place again': 'if (depth < 3) place();',
  'the end of the loop thread': 'attempt(() => runner.run(die()))',
  'the end of the runner': 'runner.close()',
  'the end of the runner, without blocking': 'runner[Symbol.asyncDispose]()',
  'an exception': 'throw new RangeError("planned");',
};

/** What a call may come to when its own loop thread was ended under it. */
const ends = new Set([
  'LoopThreadError',
  'CancelledError',
  'RunnerClosedError',
  'HandleDisposedError',
]);

for (const [place, call] of Object.entries(places)) {
  test(`in ${place}, whatever is done there`, async () => {
    const { stdout, stderr, isHung } = await runScript(
      `
      import { coroutine, coroutines, EventLoopThreadRunner } from 'palitra';
      const echo = coroutine(async (value) => value);
      const later = coroutine(async (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value)));
      const fail = coroutine(async () => { throw new TypeError('failed'); });
      const die = coroutine(async () => process.exit(3));
      const callBack = coroutine(async (callback) => callback());
      const numbers = coroutine(async function* (count) { for (let n = 0; n < count; n++) yield n; });
      const calledNumbers = coroutine(async function* (callback) { yield await callback(); yield await callback(); });
      const { park } = coroutines('./parking.js', import.meta);
      const ready = coroutine(async (value) => { const { started } = await import('palitra/loop'); started(value); });
      const attempt = (body) => { try { return body(); } catch (error) { return error; } };
      const deeds = { ${Object.entries(deeds)
        .map(([name, deed]) => `${JSON.stringify(name)}: () => { ${deed} }`)
        .join(',\n')} };
      const other = new EventLoopThreadRunner();
      let runner, meddle, depth;
      const bad = () => ({ get a() { meddle(); return 1; } });
      const place = () => (${call});
      for (const [name, deed] of Object.entries(deeds)) {
        runner = new EventLoopThreadRunner();
        runner.run(echo(0));
        depth = 0;
        meddle = () => { depth += 1; if (depth === 1 || name === 'the same place again') deed(); };
        let outcome;
        try {
          let value = place();
          // One that nobody ever settles would end the process in the middle.
          const alive = setTimeout(() => {}, 15_000);
          if (typeof value?.then === 'function') value = await value;
          clearTimeout(alive);
          outcome = 'value';
        } catch (error) {
          outcome = error.message === 'planned' ? 'planned' : error.name;
        }
        const isClosed = name.startsWith('the end of the runner');
        const next = attempt(() => runner.run(echo('next')));
        console.log([name, outcome, isClosed ? next.name : next, other.run(echo('other'))].join(': '));
        runner.close();
      }
      other.close();`,
      { limitMs: 60_000 },
    );
    deepEqual({ stderr, isHung }, { stderr: '', isHung: false }, stdout);
    const lines = stdout.trim().split('\n');
    const outcomes = lines.map((line) => {
      const [name, outcome, next, other] = line.split(': ') as [string, string, string, string];
      const isFatal = name.startsWith('the end of');
      const isRight =
        outcome === 'value' || outcome === 'planned' || (isFatal && ends.has(outcome));
      const isClosed = name.startsWith('the end of the runner');
      const isNext = next === (isClosed ? 'RunnerClosedError' : 'next');
      return isRight && isNext && other === 'other' ? name : line;
    });
    deepEqual(outcomes, Object.keys(deeds));
  });
}
