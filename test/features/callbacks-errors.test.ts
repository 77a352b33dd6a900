import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { coroutine, coroutines, createTask, registerError, run, UncloneableError } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const api = coroutines<typeof import('../fixtures/callbacks.ts')>(
  '../fixtures/callbacks.js',
  import.meta,
);

/** The class of the same name in the fixtures: each thread has its own. */
class Refused extends Error {
  readonly by: string;
  constructor(message: string, by: string) {
    super(message);
    this.by = by;
  }
}
registerError(Refused);

function thrownBy(body: () => unknown): { readonly value: unknown } | undefined {
  try {
    body();
    return undefined;
  } catch (value) {
    return { value };
  }
}

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

const errors: [string, () => Error, string][] = [
  ['Error', () => new Error('no'), 'Error'],
  ['TypeError', () => new TypeError('no'), 'TypeError'],
  [
    'RangeError with properties',
    () => Object.assign(new RangeError('no'), { max: 3 }),
    'RangeError',
  ],
  ['AggregateError', () => new AggregateError([new Error('a')], 'no'), 'AggregateError'],
  ['DOMException', () => new DOMException('no', 'AbortError'), 'DOMException'],
  ['a registered class', () => new Refused('no', 'me'), 'Refused'],
  ['an error with a cause', () => new Error('no', { cause: new TypeError('why') }), 'Error'],
];
for (const [name, make, className] of errors) {
  test(`the coroutine catches ${name} of a callback with class and properties`, () => {
    const caught = run(api.catchFrom(throwing(make())))!;
    equal(caught.isError, true);
    equal(caught.classes[0], className);
    deepEqual(Object.entries(caught.thrown as object), Object.entries(make()));
    equal((caught.thrown as Error).message, 'no');
  });

  test(`${name} of a callback that the coroutine does not catch is thrown by run`, () => {
    const error = thrownBy(() => run(api.call(throwing(make()))))!.value as Error;
    ok(error instanceof (make().constructor as ErrorConstructor));
    deepEqual(Object.entries(error), Object.entries(make()));
    equal(String(error.cause), String(make().cause));
  });
}

test('an error goes both ways: from the loop thread through a callback and back', () => {
  let seen: unknown;
  const error = thrownBy(() =>
    run(
      api.call(() => {
        try {
          return run(api.throwRefused());
        } catch (inner) {
          seen = inner;
          throw inner;
        }
      }),
    ),
  )!.value;
  ok(seen instanceof Refused && error instanceof Refused);
  equal(error.by, 'the loop side');
  notEqual(error, seen);
});

test('the stack shows the callback’s frames, and names palitra once', () => {
  function inTheCallback(): never {
    throw new Error('no');
  }
  const { stack } = thrownBy(() => run(api.call(inTheCallback)))!.value as Error;
  match(stack!, /inTheCallback.*callbacks-errors\.test\.js/);
  equal(stack!.match(/called by palitra from/g)?.length, 1);
});

for (const value of [undefined, null, 0, '', false, 'text', 12n, { code: 1 }, [1, 2]]) {
  const name = typeof value === 'bigint' ? '12n' : JSON.stringify(value);
  test(`a callback may throw ${name}: the coroutine and run see it as such`, () => {
    deepEqual(run(api.catchFrom(throwing(value)))!.thrown, value);
    deepEqual(
      thrownBy(() => run(api.call(throwing(value)))),
      { value },
    );
  });
}

test('after a callback has thrown, the coroutine goes on and can call it again', () => {
  const patient = coroutine(async (callback: (n: number) => Promise<number>) => {
    const outcomes: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      outcomes.push(await callback(n).catch((error: Error) => error.message));
    }
    return outcomes;
  });
  const outcomes = run(
    patient((n) => {
      if (n % 2 === 1) throw new Error(`odd ${n}`);
      return n;
    }),
  );
  deepEqual(outcomes, [0, 'odd 1', 2, 'odd 3']);
});

test('an async callback of a blocked caller is a TypeError that says what to do', () => {
  let ran = 0;
  throws(
    () => run(api.call(async () => (ran += 1))),
    (error: unknown) => {
      ok(error instanceof TypeError);
      match(error.message, /returned a promise while its thread was blocked/);
      match(error.message, /Return the value itself, or await createTask\(…\)/);
      return true;
    },
  );
  equal(ran, 1);
});

test('the promise of such a callback may fail without counting as unhandled', async (t) => {
  const unhandled = t.mock.fn();
  process.on('unhandledRejection', unhandled);
  throws(() => run(api.call(() => Promise.reject(new Error('late')))), TypeError);
  throws(() => run(api.call(() => createTask(api.throwRefused()))), TypeError);
  run(api.call(() => 1, [], 5));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  equal(unhandled.mock.callCount(), 0);
});

test('the same goes for a thenable of any kind', () => {
  // oxlint-disable-next-line unicorn/no-thenable -- what users return
  const caught = run(api.catchFrom(() => ({ then: () => undefined })))!;
  match((caught.thrown as Error).message, /returned a promise while its thread was blocked/);
});

const evil = {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  get then(): never {
    throw new Error('do not look');
  },
};
test('a result whose `then` throws when looked at is that error, for that callback alone', () => {
  const caught = run(api.catchFrom(() => evil))!;
  equal((caught.thrown as Error).message, 'do not look');
  equal(run(api.call(() => 'next')), 'next');
});

const uncloneable: [string, unknown, string][] = [
  ['a symbol', Symbol('no'), 'callback result'],
  ['a function', () => 1, 'callback result'],
  ['a function inside', { list: [() => 1] }, 'callback result.list[0]'],
  ['a WeakMap', { user: { cache: new WeakMap() } }, 'callback result.user.cache'],
  ['a coroutine that was not run', api.drop(), 'callback result'],
];
for (const [name, value, path] of uncloneable) {
  test(`a callback that returns ${name} fails with the path, and the next one works`, () => {
    const caught = run(api.catchFrom(() => value))!;
    ok(caught.thrown instanceof UncloneableError);
    equal(caught.thrown.path, path);
    throws(() => run(api.call(() => value)), UncloneableError);
    equal(run(api.call(() => 'next')), 'next');
  });
}

test('a thrown error that cannot cross comes with its text', () => {
  const error = Object.assign(new TypeError('the reason'), { request: { socket: Symbol('no') } });
  const caught = run(api.catchFrom(throwing(error)))!;
  ok(caught.thrown instanceof UncloneableError);
  equal(caught.thrown.path, 'callback error.request.socket');
  match(caught.thrown.message, /TypeError: the reason/);
});

test('what a result’s getter throws is answered, even if it cannot cross itself', () => {
  const withGetter = (thrown: unknown): object => ({
    get value(): never {
      throw thrown;
    },
  });
  equal(run(api.catchFrom(() => withGetter(new RangeError('read'))))!.classes[0], 'RangeError');
  equal(run(api.catchFrom(() => withGetter(Symbol('no'))))!.classes[0], 'UncloneableError');
});

test('arguments of a callback that cannot cross fail on the loop thread, with the path', () => {
  const giveAway = coroutine(async (callback: (value: unknown) => Promise<unknown>) => {
    const values = [() => 1, { deep: [Symbol('no')] }];
    const results: unknown[] = [];
    for (const value of values) {
      results.push(await callback(value).catch((error: { path: string }) => error.path));
    }
    return [...results, await callback('fine')];
  });
  deepEqual(run(giveAway((value) => value)), [
    'callback arguments[0]',
    'callback arguments[0].deep[0]',
    'fine',
  ]);
});

test('an argument that cannot cross keeps the functions beside it from being sent', () => {
  throws(
    () => run(api.call(() => 1, [() => 1, Symbol('no')])),
    (error: unknown) => error instanceof UncloneableError && error.path === 'arguments[1][1]',
  );
  equal(run(api.call(() => 'next')), 'next');
});
