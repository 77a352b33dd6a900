import { test } from 'node:test';
import { equal, match, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  isRunnerAlive,
  iterate,
  run,
  shutdownGlobalRunner,
  start,
  sync,
} from 'palitra';

/** Users of JavaScript have no types to warn them. */
const anything = (value: unknown): never => value as never;
const api = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);

const CASES: Record<string, [call: () => unknown, errorClass: new () => Error, fix: RegExp]> = {
  'run(promise)': [() => run(anything(Promise.resolve(1))), TypeError, /promise.*coroutine/is],
  'run(a thenable)': [
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    () => run(anything({ then: () => undefined })),
    TypeError,
    /coroutine/,
  ],
  'run(fn)': [() => run(anything(async () => 1)), TypeError, /coroutine\(/],
  'run(a coroutine function)': [() => run(anything(api.add)), TypeError, /call it/i],
  'run(all of a module)': [
    () => run(anything(api)),
    TypeError,
    /not all the coroutines of arithmetic\.js\. Call one of its functions/,
  ],
  'run(undefined)': [() => run(anything(undefined)), TypeError, /undefined.*coroutine/is],
  'run(null)': [() => run(anything(null)), TypeError, /null.*coroutine/is],
  'run(5)': [() => run(anything(5)), TypeError, /coroutine/],
  'gather(coroutine, promise)': [
    () => gather(anything(api.add(1, 2)), anything(Promise.resolve(1))),
    TypeError,
    /gather/,
  ],
  'gather(coroutine, options)': [
    () => gather(api.add(1, 2), anything({ timeout: 5 })),
    TypeError,
    /gather\(\[api\.load\(1\), api\.load\(2\)\], \{ timeout: 5_000 \}\)/,
  ],
  'iterate(an array)': [() => iterate(anything([1])), TypeError, /coroutine/],
  'createTask(promise)': [() => createTask(anything(Promise.resolve(1))), TypeError, /coroutine/],
  'start(fn)': [() => start(anything(() => 1)), TypeError, /coroutine/],
  'timeout: 0': [() => run(api.add(1, 2), { timeout: 0 }), RangeError, /timeout.*milliseconds/i],
  'timeout: -1': [() => run(api.add(1, 2), { timeout: -1 }), RangeError, /milliseconds/],
  'timeout: NaN': [() => run(api.add(1, 2), { timeout: NaN }), RangeError, /milliseconds/],
  "timeout: '5'": [() => run(api.add(1, 2), { timeout: anything('5') }), TypeError, /milliseconds/],
  'a number in the place of the options': [
    () => run(api.add(1, 2), anything(5)),
    TypeError,
    /\{ timeout: 2_000 \}/,
  ],
  'a signal that is none': [
    () => run(api.add(1, 2), { signal: anything({}) }),
    TypeError,
    /AbortSignal/,
  ],
  'highWaterMark: 0': [
    () => iterate(anything(api.echo([1])), { highWaterMark: 0 }),
    RangeError,
    /highWaterMark/,
  ],
  'a relative specifier without from': [
    () => coroutines('./api.js'),
    TypeError,
    /coroutines\('\.\/api\.js', import\.meta\)/,
  ],
  'a package without from': [() => coroutines('pg'), TypeError, /coroutines\('pg', import\.meta\)/],
  'a specifier that is no text': [() => coroutines(anything(5)), TypeError, /coroutines\('/],
  'a native function': [() => coroutine(Math.max), TypeError, /native|bound/],
  'a bound function': [
    // oxlint-disable-next-line no-extra-bind -- that is what it is about
    () => coroutine(function named() {}.bind(undefined)),
    TypeError,
    /native|bound/,
  ],
  'coroutine(undefined)': [() => coroutine(anything(undefined)), TypeError, /async \(/],
  'sync(5)': [() => sync(anything(5)), TypeError, /coroutines\(|coroutine\(/],
  'a runner’s name that is no text': [
    () => new EventLoopThreadRunner({ name: anything(5) }),
    TypeError,
    /name/,
  ],
};

for (const [what, [call, errorClass, fix]] of Object.entries(CASES)) {
  test(`${what}: a ${errorClass.name} that says what to write`, () => {
    throws(call, (error: Error) => {
      ok(error instanceof errorClass, String(error));
      match(error.message, fix);
      return true;
    });
  });
}

test('none of that has started a loop thread', () => {
  equal(isRunnerAlive(), false);
});

test('gather checks all of its members before any starts', () => {
  equal(run(api.count()), 1);
  for (const wrong of [undefined, Promise.resolve(1), api.count, { timeout: 5 }, [api.count()]]) {
    throws(() => gather(api.count(), api.count(), anything(wrong)), TypeError);
    throws(() => gather([api.count(), anything(wrong)], { returnExceptions: true }), TypeError);
  }
  throws(() => gather([api.count()], { timeout: -1 }), RangeError);
  throws(() => gather([api.count()], { signal: anything(true) }), TypeError);
  equal(run(api.count()), 2);
  shutdownGlobalRunner();
});

const durations: [value: unknown, errorClass: new () => Error][] = [
  [0, RangeError],
  [-0, RangeError],
  [-Infinity, RangeError],
  [NaN, RangeError],
  ['5', TypeError],
  [null, TypeError],
  [5n, TypeError],
  [new Date(), TypeError],
];
const calls: Record<string, (timeout: never) => unknown> = {
  run: (timeout) => run(api.count(), { timeout }),
  gather: (timeout) => gather([api.count()], { timeout }),
  createTask: (timeout) => createTask(api.count(), { timeout }),
  start: (timeout) => start(api.count(), { timeout }),
  iterate: (timeout) => iterate(anything(api.count()), { timeout }),
  runner: (timeout) => new EventLoopThreadRunner({ timeout }),
  close: (drain) => new EventLoopThreadRunner().close({ drain }),
};
for (const [name, call] of Object.entries(calls)) {
  test(`${name} refuses durations that are none, and starts nothing`, () => {
    for (const [value, errorClass] of durations) {
      throws(
        () => call(anything(value)),
        (error: Error) =>
          error instanceof errorClass && /a number of milliseconds/.test(error.message),
        String(value),
      );
    }
    equal(isRunnerAlive(), false);
  });
}
