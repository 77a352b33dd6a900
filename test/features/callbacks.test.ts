import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  EventLoopThreadRunner,
  gather,
  iterate,
  run,
} from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const api = coroutines<typeof import('../fixtures/callbacks.ts')>(
  '../fixtures/callbacks.js',
  import.meta,
);
const one = (): number => 1;

test('a function among the arguments is called on the calling thread, and its result comes back', () => {
  const seen: unknown[] = [];
  const callback = (...args: unknown[]): string => {
    seen.push(...args);
    return 'result';
  };
  equal(run(api.call(callback, [1, { key: [2] }])), 'result');
  deepEqual(seen, [1, { key: [2] }]);
});

const places: [string, unknown, number][] = [
  ['an object', { key: one }, 1],
  ['an array', [one, one], 2],
  ['a hole-ridden array', Object.assign([], { 3: one }), 1],
  ['a nested object', { a: { b: [{ c: one }] } }, 1],
  ['the values of a Map', new Map([['key', one]]), 1],
  ['the keys of a Map', new Map([[one, 'value']]), 1],
  ['a Set', new Set([one, (): number => 1]), 2],
  ['an object without prototype', Object.assign(Object.create(null), { one }), 1],
  [
    'an instance of a class',
    new (class Holder {
      one = one;
    })(),
    1,
  ],
  ['an own property of an Error', Object.assign(new Error('holder'), { one }), 1],
  ['everything at once', [one, { one }, new Map([[one, new Set([one])]]), [[[one]]]], 5],
];
for (const [place, value, count] of places) {
  test(`functions may stand in ${place}`, () => {
    deepEqual(run(api.callAll(value)), Array(count).fill(1));
  });
}

test('arrow functions, methods, bound and native functions are all called', () => {
  const object = {
    factor: 3,
    triple(n: unknown): number {
      return this.factor * (n as number);
    },
  };
  equal(run(api.call((n) => (n as number) + 1, [1])), 2);
  equal(run(api.call(object.triple.bind(object), [2])), 6);
  equal(run(api.call(Math.max as never, [1, 5, 3])), 5);
  equal(run(api.call(String, [12])), '12');
});

test('in a callback `this` is undefined', () => {
  function whatIsThis(this: unknown): string {
    return String(this);
  }
  const holder = { whatIsThis };
  deepEqual(run(api.callAll([whatIsThis, holder])), ['undefined', 'undefined']);
});

test('a callback gets as many arguments as it is given, and holes are undefined', () => {
  const count = (...args: unknown[]): unknown[] => [args.length, ...args];
  deepEqual(run(api.call(count)), [0]);
  deepEqual(run(api.call(count, [undefined, null, -0])), [3, undefined, null, -0]);
});

test('it runs on the blocked caller’s own stack, before run returns', () => {
  let isInside = false;
  let stack = '';
  function theCaller(): unknown {
    isInside = true;
    const result = run(
      api.call(() => {
        stack = new Error('where').stack!;
        return isInside;
      }),
    );
    isInside = false;
    return result;
  }
  equal(theCaller(), true);
  match(stack, /theCaller.*callbacks\.test\.js/);
});

test('it reads and writes the caller’s live variables', () => {
  let total = 0;
  equal(run(api.each(100, (n) => (total += n))), 166_650);
  equal(total, 4_950);
});

test('the caller’s microtasks and timers do not turn between callbacks', () => {
  let turned = 0;
  const timer = setInterval(() => (turned += 1), 0);
  run(
    api.each(50, (n) => {
      queueMicrotask(() => (turned += 1));
      return n;
    }),
  );
  equal(turned, 0);
  clearInterval(timer);
});

test('the same function twice in one call is one function on the loop thread', () => {
  const other = (): number => 1;
  equal(run(api.areSame(one, one)), true);
  equal(run(api.areSame(one, other)), false);
  const inside = coroutine(async (a: { f: unknown }, b: Map<string, unknown[]>) => {
    return a.f === b.get('list')![1];
  });
  equal(run(inside({ f: one }, new Map([['list', [other, one]]]))), true);
});

test('a thousand callbacks from one coroutine, one after the other and all at once', () => {
  equal(run(api.each(1_000, (n) => n)), 499_500);
  deepEqual(
    run(api.together(1_000, (n) => -n)),
    Array.from({ length: 1_000 }, (_, n) => -n),
  );
});

test('callbacks that nobody awaits have all run when run returns, in order', () => {
  const seen: number[] = [];
  run(api.announce(1_000, (n) => void seen.push(n)));
  deepEqual(
    seen,
    Array.from({ length: 1_000 }, (_, n) => n),
  );
});

test('arguments and results may be larger than the shared buffer', () => {
  const text = 'x'.repeat(3_000_000);
  equal(run(api.call((value) => `${String(value)}!`, [text])), `${text}!`);
  const bytes = run(api.call(() => new Uint8Array(5_000_000).fill(7))) as Uint8Array;
  ok(bytes.length === 5_000_000 && bytes.every((byte) => byte === 7));
});

test('a callback’s arguments and result are copies, with cycles', () => {
  const mine: { self?: unknown; n: number } = { n: 1 };
  mine.self = mine;
  const back = run(api.call((value) => [value, mine], [mine])) as (typeof mine)[];
  for (const copy of back) {
    equal(copy.self, copy);
    notEqual(copy, mine);
  }
});

test('concurrent callbacks from gathered coroutines each reach their own coroutine', () => {
  const members = Array.from({ length: 20 }, (_, index) =>
    api.call((n) => [index, n], [index * 2], index % 4),
  );
  deepEqual(
    gather(members),
    Array.from({ length: 20 }, (_, index) => [index, index * 2]),
  );
});

test('a progress callback is called while the coroutine goes on', () => {
  const bar: string[] = [];
  equal(run(api.each(3, (n) => bar.push('#'.repeat(n + 1)))), 6);
  deepEqual(bar, ['#', '##', '###']);
});

test('the callbacks of a task run while the caller is blocked for something else', () => {
  const seen: unknown[] = [];
  const task = createTask(api.call((value) => seen.push(value), ['task'], 2));
  run(api.call(() => 0, [], 20));
  deepEqual(seen, ['task']);
  equal(task.result(), 1);
});

test('a generator’s callbacks run while it is iterated', () => {
  const rows = coroutine(async function* rows(ask: (n: number) => Promise<number>) {
    for (let n = 0; n < 5; n++) yield await ask(n);
  });
  const asked: number[] = [];
  const items = [...iterate(rows((n) => asked.push(n)))];
  deepEqual(
    [asked, items],
    [
      [0, 1, 2, 3, 4],
      [1, 2, 3, 4, 5],
    ],
  );
});

test('statistics count callbacks', () => {
  using runner = new EventLoopThreadRunner();
  runner.run(api.each(7, (n) => n));
  equal(runner.getLoop().stats().callbacks, 7);
});
