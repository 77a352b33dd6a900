import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/**
 * Calls, groups, tasks, streams and failures nested in each other's callbacks in an order that the seed
 * decides. Each operation knows what it has to get; the first that gets something else says so.
 */
const script = `
  import { coroutine, coroutines, createTask, gather, iterate, keep, run } from 'palitra';
  import { isDeepStrictEqual } from 'node:util';
  const api = coroutines('./callbacks.js', import.meta);
  const numbers = coroutine(async function* numbers(count, callback) {
    for (let n = 0; n < count; n++) yield callback(n);
  });

  let state = Number(process.argv[2]);
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let operations = 0;
  const pending = [];
  const expect = (actual, expected, what) => {
    operations += 1;
    if (!isDeepStrictEqual(actual, expected)) throw new Error(what + ': ' + JSON.stringify({ actual, expected }));
  };
  const one = (depth, id) => {
    const callback = (n) => {
      play(depth + 1);
      if (id % 7 === 3) throw Object.assign(new RangeError('planned'), { id });
      return [id, n];
    };
    return api.call(random(4) === 0 ? keep(callback) : callback, [id], random(4));
  };
  const outcome = (body) => {
    try {
      return body();
    } catch (error) {
      if (error.message !== 'planned') throw error;
      return error.id;
    }
  };
  const wanted = (id) => (id % 7 === 3 ? id : [id, id]);
  const kinds = [
    (depth, id) => expect(outcome(() => run(one(depth, id))), wanted(id), 'run'),
    (depth, id) => {
      const ids = [id, id + 1, id + 2];
      const results = gather(ids.map((n) => one(depth, n)), { returnExceptions: true });
      expect(results.map((result) => result.id ?? result), ids.map(wanted), 'gather');
    },
    (depth, id) => expect(outcome(() => createTask(one(depth, id)).result()), wanted(id), 'task'),
    (depth, id) => {
      const task = createTask(one(depth, id));
      // Looked at, for the moments in which this thread turns.
      task.catch(() => undefined);
      pending.push(() => expect(outcome(() => task.result()), wanted(id), 'later task'));
    },
    (depth, id) => {
      const count = random(5);
      const items = [...iterate(numbers(count, (n) => (play(depth + 1), n + id)))];
      expect(items, Array.from({ length: count }, (_, n) => n + id), 'iterate');
    },
    // In a callback of its own a task would wait for itself.
    (depth) => depth === 0 && pending.splice(random(pending.length), 1).forEach((finish) => finish()),
  ];
  function play(depth) {
    if (depth > 6) return;
    for (let steps = random(3); steps > 0; steps--) kinds[random(kinds.length)](depth, random(1_000));
  }
  while (operations < 1_500) {
    play(0);
    if (random(10) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const finish of pending.splice(0)) finish();
  await new Promise((resolve) => setImmediate(resolve));
  console.log('done');
`;

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`callbacks that call back in every order all get their own results (seed ${seed})`, async () => {
    const { stdout, stderr, isHung } = await runScript(script, { args: [String(seed)] });
    deepEqual({ stdout, stderr, isHung }, { stdout: 'done\n', stderr: '', isHung: false });
  });
}
