/** What was left half way, or has ended in another way than usual, leaves nothing behind. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import { isNode } from '../support/runtime.ts';

const prelude = `
  import { getEventListeners } from 'node:events';
  import { coroutine, coroutines, EventLoopThreadRunner, keep } from 'palitra';
  const api = coroutines('./leaks.js', import.meta);
  const turn = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));
  const until = async (isSo, rounds = 200) => {
    for (let round = 0; round < rounds; round++) {
      await turn();
      globalThis.gc();
      await turn();
      if (isSo()) return true;
    }
    return false;
  };
  const isGone = (ref) => until(() => ref.deref() === undefined);
  const thrownBy = (body) => { try { body(); } catch (error) { return error; } };
  globalThis.held = [];
`;

async function lines(script: string): Promise<string[]> {
  const { stdout, stderr, isHung } = await runScript(prelude + script, {
    nodeArgs: ['--expose-gc', '--no-warnings'],
    limitMs: 60_000,
  });
  deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
  return stdout.trim().split('\n');
}

/** Each returns what is to be collected, though something is held that had to do with it. */
const outlived = {
  'a runner, by a task that has ended': `
    const runner = new EventLoopThreadRunner();
    const task = runner.createTask(api.echo(1), { timeout: 3_600_000 });
    task.result();
    held.push(task);
    return runner;`,
  'a runner, by an iterator that has ended': `
    const runner = new EventLoopThreadRunner();
    const iterator = runner.iterate(api.numbers(3));
    [...iterator];
    held.push(iterator);
    return runner;`,
  'an item, by its iterator': `
    const runner = new EventLoopThreadRunner();
    const iterator = runner.iterate(coroutine(async function* () {
      for (let n = 0; n < 100; n++) yield { n };
    })());
    held.push(runner, iterator);
    return iterator.next().value;`,
  'the value of start(), by its task': `
    const runner = new EventLoopThreadRunner();
    const { task, value } = runner.start(coroutine(async () => {
      const { started, getSignal } = await import('palitra/loop');
      started({ n: 1 });
      await new Promise((resolve) => getSignal().addEventListener('abort', resolve));
    })());
    held.push(runner, task);
    return value;`,
  'a kept function, by a handle of a closed runner': `
    const runner = new EventLoopThreadRunner();
    const callback = keep(() => 1);
    runner.run(coroutine(async (callback) => void (globalThis.callback = callback))(callback));
    held.push(runner.run(api.open(1)));
    runner.close();
    return callback;`,
  'an object that has forgotten its own iterator half way': `
    const runner = new EventLoopThreadRunner();
    class Rows {
      #iterator;
      next() {
        this.#iterator ??= runner.iterate(api.numbers(1_000), { highWaterMark: 2 });
        return this.#iterator.next();
      }
    }
    const rows = new Rows();
    rows.next();
    held.push(runner);
    return rows;`,
};

for (const [title, body] of Object.entries(outlived)) {
  test(`is not outlived: ${title}`, async () => {
    deepEqual(
      await lines(`
        const begin = () => { ${body} };
        const refOf = () => new WeakRef(begin());
        console.log(await isGone(refOf()));
        process.exit();`),
      ['true'],
    );
  });
}

test('iterators that are forgotten half way do not listen to a signal any more', async () => {
  deepEqual(
    await lines(`
      const runner = new EventLoopThreadRunner();
      const { signal } = new AbortController();
      const begin = () => {
        runner.iterate(api.numbers(1_000), { signal, highWaterMark: 2 }).next();
        // That one has ended, and nobody has asked for its end.
        runner.iterate(api.numbers(1), { signal }).next();
        runner.run(api.echo(1));
      };
      for (let n = 0; n < 10; n++) begin();
      console.log(getEventListeners(signal, 'abort').length);
      console.log(await until(() => getEventListeners(signal, 'abort').length === 0));
      runner.close();`),
    ['20', 'true'],
  );
});

test('neither messages that are refused nor coroutines made in place take memory for good', async () => {
  deepEqual(
    await lines(`
      const runner = new EventLoopThreadRunner();
      const ROUND = ${isNode ? 5_000 : 2_000};
      const refuse = coroutine(async (n) => ({ ['key ' + n]: 1, ['other ' + n]: () => 1 }));
      let n = 0;
      const work = () => {
        for (let end = n + ROUND; n < end; n++) {
          thrownBy(() => runner.run(api.echo({ ['key ' + n]: 1, ['other ' + n]: Symbol() })));
          // The stack of an error takes 5 to 25 ms there: each frame of palitra's own has its whole code as its file.
          if (${isNode}) thrownBy(() => runner.run(refuse(n)));
          runner.run(coroutine(async (n) => n + 1)(n));
        }
      };
      const levels = async () => {
        for (let round = 0; round < 5; round++) { await turn(); globalThis.gc(); }
        return [process.memoryUsage().heapUsed, runner.run(api.level()).heap];
      };
      work();
      work();
      const before = await levels();
      work();
      const after = await levels();
      // Per round; without room for what the engine does.
      console.log(...after.map((level, index) => (level - before[index]) / ROUND < 200 || level - before[index]));
      runner.close();`),
    ['true true'],
  );
});

test(
  'looking whether the loop thread lives takes no memory of a thread that stays blocked',
  { skip: isNode ? false : 'no port is asked there' },
  async () => {
    const [perLook] = await lines(`
    const runner = new EventLoopThreadRunner();
    const wait = coroutine((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    runner.run(wait(3_000));
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    runner.run(wait(6_000));
    globalThis.gc();
    console.log((process.memoryUsage().heapUsed - before) / 60);
    runner.close();`);
    deepEqual(Number(perLook) < 1_000, true, perLook);
  },
);

test('a connected runner that gave up joining is no caller that others wait for', async () => {
  deepEqual(
    await lines(`
      const runner = new EventLoopThreadRunner();
      const join = (options) => {
        const connected = EventLoopThreadRunner.connect(runner.share());
        const error = thrownBy(() => connected.run(api.echo(1), options));
        connected.close();
        return error?.name;
      };
      join();
      const compute = coroutine(async () => { const end = Date.now() + 500; while (Date.now() < end); });
      const task = runner.createTask(compute());
      await turn(50);
      console.log(join({ timeout: 50 }));
      await task;
      await turn(50);
      console.log(thrownBy(() => runner.run(coroutine(() => new Promise(() => {}))())).name);
      runner.close();`),
    ['TimeoutError', 'NeverSettledError'],
  );
});

test('a kept function of a thread that has left is answered, and not waited for', async () => {
  deepEqual(
    await lines(`
      const runner = new EventLoopThreadRunner();
      const connected = EventLoopThreadRunner.connect(runner.share());
      connected.run(coroutine(async (callback) => void (globalThis.callback = callback))(keep((n) => n)));
      connected.close();
      await turn(100);
      const call = coroutine(async () => {
        const calls = Array.from({ length: 3 }, (_, n) => globalThis.callback(n));
        return (await Promise.allSettled(calls)).map(({ reason }) => reason.name);
      });
      console.log(runner.run(call(), { timeout: 5_000 }).join());
      runner.close();`),
    ['CallbackReleasedError,CallbackReleasedError,CallbackReleasedError'],
  );
});

test('loop threads of loop threads clean up, and leave their places in the graph', async () => {
  deepEqual(
    await lines(`
      const runner = new EventLoopThreadRunner();
      const graph = new Int32Array(runner.share().graph);
      const taken = () => graph.filter((word, index) => index > 1 && index % 2 === 0 && word === 1).length;
      const nested = coroutine(async () => {
        const { coroutine, run } = await import('palitra');
        run(coroutine(async () => {
          const { onShutdown } = await import('palitra/loop');
          onShutdown(() => console.log('cleaned up'));
        })());
      });
      for (let n = 0; n < 3; n++) {
        const outer = new EventLoopThreadRunner();
        outer.run(nested());
        outer.close();
      }
      console.log(await until(() => taken() === 1) || taken());
      runner.close();`),
    ['cleaned up', 'cleaned up', 'cleaned up', 'true'],
  );
});

test('a listener to the signal that never aborts is held by nothing else', async () => {
  deepEqual(
    await lines(`
      const { getSignal } = await import('palitra/loop');
      const begin = () => {
        const state = { n: 1 };
        getSignal().addEventListener('abort', () => state);
        return new WeakRef(state);
      };
      console.log(await isGone(begin()));`),
    ['true'],
  );
});

test('coroutines that are given up and can never end are collected on the loop thread', async () => {
  deepEqual(
    await lines(`
      const runner = new EventLoopThreadRunner();
      const lost = coroutine(async () => {
        const { getSignal } = await import('palitra/loop');
        const state = new Array(1_000).fill(0);
        await new Promise((resolve) => getSignal().addEventListener('other', () => resolve(state)));
      });
      const work = async () => {
        const tasks = Array.from({ length: 500 }, () => runner.createTask(lost()));
        await turn(200);
        for (const task of tasks) task.cancel();
        await turn(100);
      };
      await work();
      runner.run(api.level());
      const before = runner.run(api.level()).heap;
      await work();
      runner.run(api.level());
      const grown = (runner.run(api.level()).heap - before) / 500;
      console.log(grown < 2_000 || grown);
      runner.close();`),
    ['true'],
  );
});
