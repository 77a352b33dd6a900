import { test } from 'node:test';
import { equal, match, ok, rejects, throws } from 'node:assert/strict';
import {
  CallbackReleasedError,
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  keep,
  run,
  TimeoutError,
} from 'palitra';
import * as loopSide from 'palitra/loop';
import { awaitFlag, createFlags, ENOUGH_TO_BEGIN } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const CLEANED = 2;

const api = coroutines<typeof import('../fixtures/callbacks.ts')>(
  '../fixtures/callbacks.js',
  import.meta,
);

test('a callback called after its coroutine has ended rejects with CallbackReleasedError', () => {
  let calls = 0;
  run(api.store(() => (calls += 1)));
  throws(
    () => run(api.callStored()),
    (error: unknown) => {
      ok(error instanceof CallbackReleasedError);
      equal(error.code, 'ERR_PALITRA_CALLBACK_RELEASED');
      match(error.message, /after the coroutine it was given to had ended/);
      match(error.message, /keep\(fn\)/);
      return true;
    },
  );
  equal(calls, 0);
});

test('the same holds for a task, and for a coroutine that failed', async () => {
  await createTask(api.store(() => 1));
  throws(() => run(api.callStored()), CallbackReleasedError);
  const storeAndFail = coroutine(async (callback: unknown) => {
    Object.assign(globalThis, { storedInPlace: callback });
    throw new Error('ended');
  });
  const callIt = coroutine(() =>
    (globalThis as unknown as { storedInPlace: () => unknown }).storedInPlace(),
  );
  throws(() => run(storeAndFail(() => 1)), /ended/);
  throws(() => run(callIt()), CallbackReleasedError);
});

test('a coroutine that was given up cannot call back any more', () => {
  const flags = createFlags();
  const goOn = coroutine(async (callback: () => Promise<number>, shared: Int32Array) => {
    const { getSignal } = await import('palitra/loop');
    const signal = getSignal();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    const name = await callback().catch((error: Error) => error.name);
    Atomics.add(shared, name === 'CallbackReleasedError' ? 2 : 3, 1);
    Atomics.notify(shared, 2);
  });
  let calls = 0;
  throws(
    () =>
      run(
        goOn(() => (calls += 1), flags),
        { timeout: ENOUGH_TO_BEGIN },
      ),
    TimeoutError,
  );
  // This thread does not turn, and answers nothing: the coroutine learns it all the same.
  awaitFlag(flags, CLEANED);
  equal(calls, 0);
});

test('callbacks of another coroutine that is still running are not affected', () => {
  const flags = createFlags();
  const outlast = coroutine(async (callback: () => Promise<number>, shared: Int32Array) => {
    while (Atomics.load(shared, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    return callback();
  });
  const task = createTask(outlast(() => 5, flags));
  run(api.store(() => 1));
  Atomics.store(flags, 0, 1);
  equal(task.result(), 5);
});

test('a function wrapped in keep() goes on working after its coroutine has ended', async () => {
  const seen: unknown[] = [];
  run(api.store(keep((value: unknown) => seen.push(value))));
  equal(run(api.callStored('blocked')), 1);
  equal(await createTask(api.callStored('async')), 2);
  run(api.drop());
});

test('a kept function is called by timers of the loop thread, when the caller turns', async () => {
  const inAMoment = coroutine(async (callback: (text: string) => Promise<void>) => {
    setTimeout(() => void callback('later'), 1);
  });
  const text = new Promise((resolve) => {
    run(inAMoment(keep(resolve)));
  });
  const timer = setInterval(() => undefined, 1_000);
  equal(await text, 'later');
  clearInterval(timer);
});

test('a kept function may be async, and fail', async () => {
  run(api.store(keep(async (n: unknown) => (n as number) + 1)));
  equal(await createTask(api.callStored(1)), 2);
  throws(() => run(api.callStored(1)), TypeError);
  run(
    api.store(
      keep(async () => {
        throw new RangeError('kept');
      }),
    ),
  );
  await rejects(async () => await createTask(api.callStored()), RangeError);
  run(api.drop());
});

test('keep() returns the function itself, and takes nothing else', () => {
  const callback = (): number => 1;
  equal(keep(callback), callback);
  equal(callback(), 1);
  equal(loopSide.keep, keep);
  for (const value of [undefined, null, {}, 'fn']) {
    throws(() => keep(value as never), /keep\(\) takes a function, such as keep\(/);
  }
});

test('a kept function is the same one in every call, so that a listener can be removed', () => {
  const listener = keep(() => 1);
  run(api.store(listener));
  equal(run(api.isStored(listener)), true);
  equal(run(api.isStored(keep(() => 1))), false);
  equal(run(api.areSame(listener, listener)), true);
  const emitter = coroutine(async (on: unknown, off: unknown) => {
    const { EventEmitter } = await import('node:events');
    const target = new EventEmitter();
    target.on('event', on as () => void);
    target.off('event', off as () => void);
    return target.listenerCount('event');
  });
  equal(run(emitter(listener, listener)), 0);
  run(api.drop());
});

test('a kept function may be what a callback returns, and has one life on each loop thread', () => {
  using runner = new EventLoopThreadRunner();
  const kept = keep(() => 'kept');
  const callWhatIsReturned = coroutine(async (make: () => Promise<() => Promise<string>>) =>
    (await make())(),
  );
  equal(run(callWhatIsReturned(() => kept as never)), 'kept');
  equal(runner.run(callWhatIsReturned(() => kept as never)), 'kept');
});

test('a function that a refused call would have brought is not left behind', () => {
  const kept = keep(() => 1);
  for (const argument of [Symbol('no'), new WeakMap()]) {
    throws(() => run(api.areSame(kept, argument)), { name: 'UncloneableError' });
  }
  run(api.store(kept));
  equal(run(api.isStored(kept)), true);
  equal(run(api.callStored()), 1);
  run(api.drop());
});
