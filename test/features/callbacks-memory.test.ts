import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** Objects are collected when nothing holds them: both threads turn and collect until it has happened. */
const prelude = `
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, keep, run } from 'palitra';
  const api = coroutines('./callbacks.js', import.meta);
  const collectThere = coroutine(async () => {
    for (let turn = 0; turn < 3; turn++) {
      globalThis.gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const isCollected = async (ref, rounds = 50) => {
    for (let round = 0; round < rounds; round++) {
      await turn();
      globalThis.gc();
      if (ref.deref() === undefined) return true;
      run(collectThere());
    }
    return false;
  };
`;

async function lines(script: string): Promise<string[]> {
  const { stdout, stderr, isHung } = await runScript(prelude + script, {
    nodeArgs: ['--expose-gc'],
  });
  deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
  return stdout.trim().split('\n');
}

test('a callback is forgotten when its coroutine has ended, was refused, or timed out', async () => {
  deepEqual(
    await lines(`
      const use = (give) => {
        const callback = () => 1;
        try {
          give(callback);
        } catch {}
        return new WeakRef(callback);
      };
      console.log(await isCollected(use((callback) => run(api.call(callback)))));
      console.log(await isCollected(use((callback) => run(api.store(callback)))));
      console.log(await isCollected(use((callback) => run(api.areSame(callback, Symbol())))));
      console.log(await isCollected(use((callback) => run(api.call(() => { throw callback; })))));
      console.log(await isCollected(use((callback) => createTask(api.call(callback)).result())));
      const park = coroutine(async () => new Promise((resolve) => setTimeout(resolve, 3_600_000)));
      console.log(await isCollected(use((callback) => run(park(callback), { timeout: 1 }))));
    `),
    Array(6).fill('true'),
  );
});

test('a kept function lives while the loop thread holds it, and is forgotten when it does not', async () => {
  deepEqual(
    await lines(`
      const give = () => {
        const callback = keep((n) => n);
        run(api.store(callback));
        run(api.store(callback));
        return new WeakRef(callback);
      };
      const ref = give();
      console.log(await isCollected(ref, 10), run(api.callStored(7)));
      run(api.drop());
      console.log(await isCollected(ref));
    `),
    ['false 7', 'true'],
  );
});

test('a kept function that comes again after it was forgotten works', async () => {
  deepEqual(
    await lines(`
      const callback = keep(() => 1);
      for (let round = 0; round < 5; round++) {
        run(api.store(callback));
        run(api.drop());
        run(collectThere());
        if (round % 2 === 0) await turn();
        run(api.store(callback));
        console.log(run(api.callStored()));
      }
    `),
    Array(5).fill('1'),
  );
});

test('a kept function whose call was refused, or whose runner was closed, is forgotten', async () => {
  deepEqual(
    await lines(`
      const refused = () => {
        const callback = keep(() => 1);
        try {
          run(api.areSame(callback, Symbol()));
        } catch {}
        return new WeakRef(callback);
      };
      console.log(await isCollected(refused()));
      const closed = () => {
        const callback = keep(() => 1);
        const runner = new EventLoopThreadRunner();
        runner.run(api.store(callback));
        runner.close();
        return new WeakRef(callback);
      };
      console.log(await isCollected(closed()));
    `),
    ['true', 'true'],
  );
});

test('ten thousand callbacks leave no memory behind', async () => {
  deepEqual(
    await lines(`
      const round = () => {
        for (let n = 0; n < 10_000; n++) run(api.call(() => n));
      };
      const used = async () => {
        for (let n = 0; n < 5; n++) {
          await turn();
          globalThis.gc();
          run(collectThere());
        }
        return process.memoryUsage().heapUsed;
      };
      round();
      const before = await used();
      round();
      // A single map entry for each would be half a megabyte.
      console.log((await used()) - before < 300_000);
    `),
    ['true'],
  );
});
