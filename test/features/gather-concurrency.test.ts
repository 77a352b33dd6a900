import { test } from 'node:test';
import { isDeno } from '../support/runtime.ts';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  EventLoopThreadRunner,
  gather,
  gatherSettled,
  NeverSettledError,
  run,
  TimeoutError,
  UncloneableError,
} from 'palitra';
import { createFlags, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const STARTED = 0;
const ABORTED = 1;

const anything = (value: unknown): never => value as never;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const crowd = coroutines<typeof import('../fixtures/crowd.ts')>(
  '../fixtures/crowd.js',
  import.meta,
);
const meeting = coroutines<typeof import('../fixtures/meeting.ts')>(
  '../fixtures/meeting.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const gatherers = {
  gather: (list: never[], options: object) => gather(list, options),
  'gather with returnExceptions': (list: never[], options: object) =>
    gather(list, { ...options, returnExceptions: true }),
  gatherSettled: (list: never[], options: object) =>
    gatherSettled(list, options).map((outcome) => (outcome as { value: unknown }).value),
};

for (const [name, gatherAll] of Object.entries(gatherers)) {
  for (const concurrency of [1, 2, 7, 50, 1_000]) {
    test(`${name} has at most ${concurrency} in flight, started in order, with the results in order`, () => {
      run(crowd.reset());
      const list = numbers(50).map((n) => crowd.visit(n));
      deepEqual(gatherAll(list as never[], { concurrency }), numbers(50));
      const { most, begun } = run(crowd.tell());
      deepEqual(begun, numbers(50));
      ok(most <= concurrency, `${most} were in flight`);
    });
  }
}

test('as many as may be are in flight: each needs the others to end', () => {
  for (const size of [2, 5]) {
    const names = numbers(3 * size).map(String);
    deepEqual(
      gather(
        names.map((name) => meeting.meet(size, name)),
        { concurrency: size },
      ),
      names,
    );
  }
});

test('concurrency: Infinity, undefined and none run all at once', () => {
  const names = numbers(20).map(String);
  for (const options of [{ concurrency: Infinity }, { concurrency: undefined }, {}]) {
    const list = names.map((name) => meeting.meet(20, name));
    deepEqual(gather(list, options), names);
  }
});

test('the first failure starts no more, aborts those in flight, and is thrown', () => {
  run(crowd.reset());
  run(parking.soon(1));
  const flags = createFlags();
  const list = [
    crowd.visit(0),
    parking.park(flags),
    crowd.fall(2, new RangeError('the third')),
    ...numbers(20).map((n) => crowd.visit(10 + n)),
  ];
  throws(() => gather(list, { concurrency: 3 }), new RangeError('the third'));
  equal(level(flags, STARTED), 1);
  run(parking.soon(1));
  equal(level(flags, ABORTED), 1);
  // Those that took the place of the first one while the third had not failed.
  ok(run(crowd.tell()).begun.length < 10, String(run(crowd.tell()).begun));
});

test('with one at a time nothing after the first failure has begun', () => {
  run(crowd.reset());
  const list = [0, 1, 2, 3].map((n) => (n === 2 ? crowd.fall(n, 'no') : crowd.visit(n)));
  throws(
    () => gather(list, { concurrency: 1 }),
    (thrown) => thrown === 'no',
  );
  deepEqual(run(crowd.tell()).begun, [0, 1, 2]);
});

test('with returnExceptions and in gatherSettled failures are in their places, and all the others run', () => {
  const list = (): never[] =>
    numbers(9).map((n) =>
      n % 3 === 0 ? crowd.fall(n, new RangeError(`${n}`)) : crowd.visit(n),
    ) as never[];
  const texts = numbers(9).map((n) => (n % 3 === 0 ? `RangeError: ${n}` : `${n}`));
  deepEqual(gather(list(), { concurrency: 2, returnExceptions: true }).map(String), texts);
  const outcomes: PromiseSettledResult<unknown>[] = gatherSettled(list(), { concurrency: 2 });
  deepEqual(
    outcomes.map((outcome) => [
      outcome.status,
      String(outcome.status === 'fulfilled' ? outcome.value : outcome.reason),
    ]),
    texts.map((text, n) => [n % 3 === 0 ? 'rejected' : 'fulfilled', text]),
  );
});

test('the timeout is for all: it ends the group however quickly one follows the other', () => {
  run(crowd.reset());
  const count = 200_000;
  const list = numbers(count).map((n) => crowd.visit(n * 5));
  throws(
    () => gather(list, { concurrency: 1, timeout: 200 }),
    (error: Error) => {
      ok(error instanceof TimeoutError);
      const [, left] = /^(\d+) of the 200000 coroutines of a gather had not ended/.exec(
        error.message,
      )!;
      ok(Number(left) < count, error.message);
      return true;
    },
  );
  run(parking.soon(1));
  const { length } = run(crowd.tell()).begun;
  ok(length < count);
  run(parking.soon(1));
  equal(run(crowd.tell()).begun.length, length);
});

test('the timeout ends a group in which nothing ends, and starts no more', () => {
  run(crowd.reset());
  throws(
    () => gather([parking.park(), crowd.visit(1)], { concurrency: 1, timeout: 50 }),
    TimeoutError,
  );
  throws(() => gatherSettled([parking.park(), crowd.visit(1)], { concurrency: 1, timeout: 50 }), {
    name: 'TimeoutError',
    message: /2 of the 2 coroutines of a gather had not ended after 50 ms/,
  });
  deepEqual(run(crowd.tell()).begun, []);
});

test('a signal that a callback aborts ends the group, and starts no more', () => {
  run(crowd.reset());
  const controller = new AbortController();
  const call = coroutine(async (callback: () => Promise<void>) => callback());
  const list = [call(() => controller.abort('enough')), crowd.visit(1), crowd.visit(2)];
  throws(
    () => gather(list, { concurrency: 1, signal: controller.signal }),
    (thrown) => thrown === 'enough',
  );
  deepEqual(run(crowd.tell()).begun, []);
});

test('one that waits for a later one to be started gets it, as soon as there is room', () => {
  deepEqual(gather([crowd.waitAtDoor(), crowd.visit(7), crowd.letIn()], { concurrency: 2 }), [
    'in',
    7,
    undefined,
  ]);
});

test('one that can never settle fails at once, though others have not been started', () => {
  throws(() => gather([crowd.waitAtDoor(), crowd.letIn()], { concurrency: 1 }), NeverSettledError);
  const [first, second] = gatherSettled([crowd.waitAtDoor(), crowd.visit(3)], { concurrency: 1 });
  ok(first.status === 'rejected' && first.reason instanceof NeverSettledError);
  // In Deno a loop thread with nothing left to do ends, and takes with it what has not been started.
  if (!isDeno) deepEqual(second, { status: 'fulfilled', value: 3 });
});

test('a callback may gather with a limit of its own', () => {
  const call = coroutine(async (callback: (n: number) => Promise<number>, n: number) =>
    callback(n),
  );
  const inner = (n: number): number =>
    gather(
      numbers(4).map((m) => crowd.visit(m)),
      { concurrency: 2 },
    ).reduce((a, b) => a + b, n);
  deepEqual(
    gather(
      numbers(3).map((n) => call(inner, n)),
      { concurrency: 2 },
    ),
    [6, 7, 8],
  );
});

test('an argument that cannot be copied is the failure of its coroutine, and of no other', () => {
  run(crowd.reset());
  const wrong = crowd.visit(anything(Promise.resolve(1)));
  const outcomes = gatherSettled([crowd.visit(0), wrong, crowd.visit(2)], { concurrency: 2 });
  deepEqual(outcomes[0], { status: 'fulfilled', value: 0 });
  ok(outcomes[1].status === 'rejected' && outcomes[1].reason instanceof UncloneableError);
  deepEqual(outcomes[2], { status: 'fulfilled', value: 2 });
  throws(() => gather([wrong, crowd.visit(9)], { concurrency: 1 }), UncloneableError);
  ok(!run(crowd.tell()).begun.includes(9));
});

test('when the loop thread dies, those that have not ended fail with that, and nobody hangs', () => {
  const runner = new EventLoopThreadRunner();
  throws(
    () => runner.gather([parking.exit(3), parking.park(), crowd.visit(2)], { concurrency: 2 }),
    {
      code: 'ERR_PALITRA_LOOP_DIED',
    },
  );
  const outcomes = runner.gatherSettled([crowd.visit(0), parking.exit(3), crowd.visit(2)], {
    concurrency: 1,
  });
  equal(outcomes[0].status, 'fulfilled');
  for (const { status, reason } of outcomes.slice(1) as PromiseRejectedResult[]) {
    equal(status, 'rejected');
    equal(reason.code, 'ERR_PALITRA_LOOP_DIED');
  }
  deepEqual(runner.gather([crowd.visit(4)]), [4]);
  runner.close();
});

test('a concurrency that is no whole number above zero is a RangeError, and nothing starts', () => {
  run(crowd.reset());
  for (const concurrency of [0, -1, 1.5, NaN, '4', null]) {
    for (const call of [gather, gatherSettled]) {
      throws(() => call([crowd.visit(1)], { concurrency: anything(concurrency) }), {
        name: 'RangeError',
        message: /concurrency is a whole number of coroutines above zero, such as 8/,
      });
    }
  }
  deepEqual(run(crowd.tell()).begun, []);
});

test('gatherSettled tells a thrown undefined from a result that is undefined', () => {
  deepEqual(gatherSettled([crowd.fall(0, undefined), coroutine(async () => undefined)()]), [
    { status: 'rejected', reason: undefined },
    { status: 'fulfilled', value: undefined },
  ]);
  deepEqual(gatherSettled([]), []);
});

test('gatherSettled takes a list, whose members it checks before any starts', () => {
  run(crowd.reset());
  throws(() => gatherSettled(anything(crowd.visit(1))), {
    name: 'TypeError',
    message:
      /gatherSettled\(\) takes a list of coroutines.*gatherSettled\(\[api\.load\(1\), api\.load\(2\)\]/,
  });
  throws(() => gatherSettled([crowd.visit(1), anything(crowd.visit)]), {
    name: 'TypeError',
    message: /gatherSettled\(api\.visit\(…\)\)/,
  });
  throws(() => gatherSettled([crowd.visit(1)], anything({ returnExceptions: true })), {
    name: 'TypeError',
    message: /gatherSettled\(\) has no option returnExceptions/,
  });
  deepEqual(run(crowd.tell()).begun, []);
});

test('thousands in a row, eight at a time', () => {
  const outcomes = gather(
    numbers(5_000).map((n) => crowd.visit(n)),
    { concurrency: 8 },
  );
  deepEqual(outcomes, numbers(5_000));
});
