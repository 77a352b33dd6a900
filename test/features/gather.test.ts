import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  run,
  TimeoutError,
  UncloneableError,
  type Coroutine,
} from 'palitra';
import { awaitFlag, createFlags, ENOUGH_TO_BEGIN, level } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const AN_HOUR = 3_600_000;
const STARTED = 0;
const ABORTED = 1;
const CLEANED = 2;

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);
const meeting = coroutines<typeof import('../fixtures/meeting.ts')>(
  '../fixtures/meeting.js',
  import.meta,
);

test('the results come in the order of the coroutines, whichever ends first', () => {
  deepEqual(gather(parking.soon('a'), arithmetic.add(1, 2), parking.soon('c')), ['a', 3, 'c']);
});

test('a list with options gives the same as the coroutines one by one', () => {
  deepEqual(gather([parking.soon('a'), arithmetic.add(1, 2)]), ['a', 3]);
  deepEqual(gather([parking.soon('a'), arithmetic.add(1, 2)], {}), ['a', 3]);
});

test('the coroutines run concurrently: each needs the other to end', () => {
  deepEqual(gather(meeting.meet(3, 'a'), meeting.meet(3, 'b'), meeting.meet(3, 'c')), [
    'a',
    'b',
    'c',
  ]);
});

test('zero coroutines give an empty list', () => {
  deepEqual(gather(), []);
  deepEqual(gather([]), []);
  deepEqual(gather([], { returnExceptions: true, timeout: 1 }), []);
});

test('10,000 coroutines are gathered in order', () => {
  const results = gather(Array.from({ length: 10_000 }, (_, index) => arithmetic.echo(index)));
  equal(results.length, 10_000);
  const wrong = results.findIndex((value, index) => value !== index);
  equal(wrong, -1, `member ${wrong} is ${String(results[wrong])}`);
});

test('10,000 coroutines that all wait for each other are gathered', () => {
  const results = gather(Array.from({ length: 10_000 }, (_, index) => meeting.meet(10_000, index)));
  deepEqual(
    results,
    Array.from({ length: 10_000 }, (_, index) => index),
  );
});

test('large and small results come in order', () => {
  const texts = [10, 1_000_000, 3, 70_000, 0, 5_000].map((length) => 'x'.repeat(length));
  deepEqual(gather(texts.map((text) => arithmetic.echo(text))), texts);
});

test('members may be of different modules, written in place, and the same one twice', () => {
  const count = arithmetic.count();
  const inline = coroutine(async (name: string) => `Hello, ${name}`);
  deepEqual(gather(count, inline('Ada'), count, parking.soon(true)), [1, 'Hello, Ada', 2, true]);
});

test('it throws the first failure in time, not in order', () => {
  throws(() => gather(meeting.failSecond(), meeting.failFirst()), new Error('first in time'));
});

test('on a failure the signals of the others are aborted, with the error as their reason', () => {
  const flags = createFlags();
  throws(
    () => gather(parking.parkForReason(flags), meeting.failWhen(flags, 1), parking.soon(1)),
    new Error('one has failed'),
  );
  awaitFlag(flags, ABORTED);
  equal(run(parking.reason()).message, 'one has failed');
});

test('a hundred siblings of a failure are all aborted and clean up', () => {
  const flags = createFlags();
  const siblings = Array.from({ length: 100 }, () => parking.park(flags));
  throws(() => gather([...siblings, meeting.failWhen(flags, 100)]), new Error('one has failed'));
  awaitFlag(flags, CLEANED, 100);
  equal(level(flags, ABORTED), 100);
});

test('who ignores the signal runs on, unseen', () => {
  const flags = createFlags();
  throws(
    () => gather(meeting.ignoreSignal(flags), meeting.failWhen(flags, 1)),
    new Error('one has failed'),
  );
  awaitFlag(flags, CLEANED);
  equal(run(meeting.endedSoFar()), 1);
});

test('a thrown undefined is a failure like any other', () => {
  let thrown: { value: unknown } | undefined;
  try {
    gather(arithmetic.throwIt(undefined), arithmetic.add(1, 2));
  } catch (value) {
    thrown = { value };
  }
  deepEqual(thrown, { value: undefined });
});

test('1 ms against never: the timeout covers the whole group, and aborts all of it', () => {
  const flags = createFlags();
  run(parking.soon(0));
  throws(
    () =>
      gather([parking.soon('done'), ...Array.from({ length: 5 }, () => parking.park(flags))], {
        // Long enough for one of them to end, on a machine however busy.
        timeout: 500,
      }),
    (error: unknown) => {
      ok(error instanceof TimeoutError);
      match(error.message, /5 of the 6 coroutines of a gather had not ended after 500 ms/);
      return true;
    },
  );
  awaitFlag(flags, CLEANED, 5);
  throws(() => gather([parking.park(), parking.park()], { timeout: 1 }), TimeoutError);
});

test('an hour against soon: the results', () => {
  deepEqual(gather([parking.soon(1), parking.soon(2)], { timeout: AN_HOUR }), [1, 2]);
});

test('with returnExceptions each failure stands in its place', () => {
  const [three, failure, text, odd] = gather(
    [arithmetic.add(1, 2), arithmetic.fail('no'), parking.soon('c'), arithmetic.throwIt('odd')],
    { returnExceptions: true },
  );
  equal(three, 3);
  ok(failure instanceof RangeError);
  equal(failure.message, 'no');
  equal(text, 'c');
  equal(odd, 'odd');
});

test('with returnExceptions a failure aborts nobody', () => {
  const flags = createFlags();
  const [, value] = gather([meeting.failFirst(), meeting.meet(1, 'b')], { returnExceptions: true });
  equal(value, 'b');
  throws(
    () =>
      gather([meeting.failFirst(), parking.park(flags)], {
        returnExceptions: true,
        timeout: ENOUGH_TO_BEGIN,
      }),
    TimeoutError,
  );
  awaitFlag(flags, CLEANED);
});

test('returnExceptions: false throws, as without', () => {
  throws(() => gather([arithmetic.fail('no')], { returnExceptions: false }), new RangeError('no'));
});

test('all members are checked before any starts: a value that is no coroutine', () => {
  const mixed = [arithmetic.count(), arithmetic.count(), 5] as unknown as Coroutine<unknown>[];
  throws(() => gather(mixed), {
    name: 'TypeError',
    message: /gather\(\) takes a coroutine, not a number \(5\)/,
  });
  throws(() => gather(...mixed), TypeError);
  equal(run(arithmetic.countSoFar()), 0);
});

for (const length of [2, 10_000]) {
  test(`all members are checked before any starts: the last of ${length} has an argument that cannot cross`, () => {
    const members: Coroutine<unknown>[] = Array.from({ length: length - 1 }, () =>
      arithmetic.count(),
    );
    members.push(arithmetic.echo(Symbol('no')));
    throws(() => gather(members), UncloneableError);
    throws(
      () => gather([...members.slice(0, -1), arithmetic.echo({ map: new WeakMap() })]),
      UncloneableError,
    );
    equal(run(arithmetic.countSoFar()), 0);
  });
}

test('all members are checked before any starts: a bad option', () => {
  throws(() => gather([arithmetic.count()], { timeout: 0 }), RangeError);
  equal(run(arithmetic.countSoFar()), 0);
});

test('a signal aborted already throws its reason, and nothing starts', () => {
  const reason = new Error('never mind');
  throws(() => gather([arithmetic.count()], { signal: AbortSignal.abort(reason) }), reason);
  equal(run(arithmetic.countSoFar()), 0);
});

test('a signal that is aborted from a callback ends the group with its reason, and aborts all', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const flags = createFlags();
  const reason = new Error('enough');
  const stopWhen = coroutine(async (stop: () => Promise<void>, shared: Int32Array) => {
    while (Atomics.load(shared, 0) < 2) await new Promise((resolve) => setImmediate(resolve));
    await stop();
  });
  throws(
    () =>
      gather(
        [parking.park(flags), parking.park(flags), stopWhen(() => controller.abort(reason), flags)],
        { signal },
      ),
    (error) => error === reason,
  );
  awaitFlag(flags, CLEANED, 2);
  equal(getEventListeners(signal, 'abort').length, 0);
});

test('tasks that are in flight already are left alone by a gather that fails', () => {
  const flags = createFlags();
  const task = createTask(parking.park(flags));
  awaitFlag(flags, STARTED);
  throws(() => gather(arithmetic.fail('no'), parking.soon(1)), new RangeError('no'));
  run(parking.soon(1));
  equal(level(flags, ABORTED), 0);
  equal(task.done, false);
  task.cancel();
});

test('gather of a runner runs on its own loop thread', () => {
  using runner = new EventLoopThreadRunner();
  const [one, two] = runner.gather(arithmetic.where(), arithmetic.where());
  equal(one.runsOn, two.runsOn);
  equal(one.runsOn, runner.getLoop().threadId);
  const failures: unknown[] = runner.gather([arithmetic.fail('no')], { returnExceptions: true });
  deepEqual(failures.map(String), ['RangeError: no']);
  deepEqual(runner.gather(), []);
});
