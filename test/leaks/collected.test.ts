/** What nobody holds any more is collected, and what it held with it. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import { isBun, isDeno } from '../support/runtime.ts';

const prelude = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { getHeapSnapshot } from 'node:v8';
  import { coroutine, coroutines, createTask, EventLoopThreadRunner, keep, run } from 'palitra';
  const api = coroutines('./leaks.js', import.meta);
  /** In Bun and Deno: helpers of the engine come and go as they like. */
  const isWorker = (id) => {
    try {
      const name = readFileSync('/proc/self/task/' + id + '/comm', 'utf8');
      return ${isBun} ? name === 'palitra\\n' : name.startsWith('worker-');
    } catch {
      return false;
    }
  };
  const threads = () => {
    const all = readdirSync('/proc/self/task');
    return (${isBun || isDeno} ? all.filter(isWorker) : all).length;
  };
  const turn = (ms = 2) => new Promise((resolve) => setTimeout(resolve, ms));
  /** What was looked at is held until the end of the job, so that comes before the collection. */
  const until = async (isSo, rounds = 100) => {
    for (let round = 0; round < rounds; round++) {
      if (isSo()) return true;
      await turn();
      globalThis.gc();
    }
    return false;
  };
  /** How many live objects are of these classes, in the whole heap. */
  const inHeap = async (...names) => {
    let text = '';
    for await (const chunk of getHeapSnapshot()) text += chunk;
    const { nodes, strings, snapshot } = JSON.parse(text);
    const { node_fields: fields, node_types: [types] } = snapshot.meta;
    const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
    const counts = Object.fromEntries(names.map((wanted) => [wanted, 0]));
    for (let at = 0; at < nodes.length; at += fields.length) {
      const title = strings[nodes[at + name]];
      if (types[nodes[at + type]] === 'object' && title in counts) counts[title] += 1;
    }
    return counts;
  };
`;

async function lines(script: string): Promise<string[]> {
  const { stdout, stderr, isHung } = await runScript(prelude + script, {
    nodeArgs: ['--expose-gc'],
    limitMs: 120_000,
  });
  deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
  return stdout.trim().split('\n');
}

test('a forgotten runner is collected, and its thread ends with its clean-up', async () => {
  deepEqual(
    await lines(`
      const begin = () => {
        const runner = new EventLoopThreadRunner();
        runner.run(coroutine(async () => {
          const { onShutdown } = await import('palitra/loop');
          onShutdown(() => console.log('cleaned up'));
        })());
        runner.run(api.callBack((n) => n, 1));
        return new WeakRef(runner);
      };
      const before = threads();
      const refs = [begin(), begin(), begin()];
      console.log(threads() > before);
      console.log(await until(() => refs.every((ref) => ref.deref() === undefined)));
      console.log(await until(() => threads() <= before));`),
    ['true', 'true', 'cleaned up', 'cleaned up', 'cleaned up', 'true'],
  );
});

test('so is one whose loop object, coroutines and settled tasks are still held', async () => {
  deepEqual(
    await lines(`
      const held = [];
      const begin = () => {
        const runner = new EventLoopThreadRunner();
        const task = runner.createTask(api.echo(1));
        task.result();
        held.push(api.echo(2));
        return new WeakRef(runner);
      };
      const ref = begin();
      console.log(await until(() => ref.deref() === undefined), held.length);`),
    ['true 1'],
  );
});

for (const [title, use] of Object.entries({
  'that somebody awaits': '(task) => task.then(console.log)',
  'that nobody looks at': '() => undefined',
})) {
  test(`one with a task in flight ${title} lives on until that has settled`, async () => {
    deepEqual(
      await lines(`
        const wait = coroutine(async () => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          (await import('node:fs')).writeSync(1, 'done\\n');
          return 'settled';
        });
        const use = ${use};
        const begin = () => {
          const runner = new EventLoopThreadRunner();
          use(runner.createTask(wait()));
          return new WeakRef(runner);
        };
        const ref = begin();
        console.log(await until(() => ref.deref() === undefined));`),
      title === 'that somebody awaits' ? ['done', 'settled', 'true'] : ['done', 'true'],
    );
  });
}

test('one whose handle or iterator is held lives on', async () => {
  deepEqual(
    await lines(`
      const begin = (use) => use(new EventLoopThreadRunner());
      const handle = begin((runner) => runner.run(coroutine(async () => {
        const { handle } = await import('palitra/loop');
        return handle({ [Symbol.dispose]: () => console.log('disposed of') });
      })()));
      const iterator = begin((runner) => runner.iterate(api.numbers(1_000)));
      const halfWay = begin((runner) => runner.iterate(api.numbers(1_000)));
      halfWay.next();
      await until(() => false, 30);
      handle[Symbol.dispose]();
      console.log([...iterator].length, [...halfWay].length);`),
    ['disposed of', '1000 999'],
  );
});

test('it is collected when its handle is, and when that was disposed of', async () => {
  deepEqual(
    await lines(`
      const begin = (use) => {
        const runner = new EventLoopThreadRunner();
        const handle = runner.run(api.open(1));
        use(handle);
        return new WeakRef(runner);
      };
      const held = [];
      const refs = [begin(() => undefined), begin((handle) => { handle[Symbol.dispose](); held.push(handle); })];
      console.log(await until(() => refs.every((ref) => ref.deref() === undefined)), held.length);`),
    ['true 1'],
  );
});

const forms = {
  'one that is held': 'globalThis.held = runner;',
  'one whose handle, task, iterator and callback are held': `
    const handle = runner.run(api.open(1));
    const task = runner.createTask(api.park());
    task.catch(() => {});
    const iterator = runner.iterate(api.numbers(100));
    iterator.next();
    globalThis.held = [runner, handle, task, iterator, callback];`,
  'one with a timer for a timeout that is far away': `
    runner.createTask(api.park(), { timeout: 3_600_000 }).catch(() => {});
    globalThis.held = runner;`,
};

for (const [title, hold] of Object.entries(forms)) {
  test(`a closed runner retains nothing that went through it: ${title}`, async () => {
    deepEqual(
      await lines(`
        class Argument { bytes = new Array(1_000).fill(0); }
        const refs = [];
        const watch = (value) => { refs.push(new WeakRef(value)); return value; };
        const begin = () => {
          const runner = new EventLoopThreadRunner();
          runner.run(api.echo(watch({ n: 1 })));
          runner.run(api.callBack(watch((n) => n), 1));
          const callback = keep((n) => n);
          runner.run(api.callBack(callback, 1));
          try { runner.run(api.echo(watch([new Argument(), Symbol()]))); } catch {}
          ${hold}
          runner.close();
        };
        begin();
        console.log(await until(() => refs.every((ref) => ref.deref() === undefined)));`),
      ['true'],
    );
  });
}

test('in the heap, nothing is left of runners that were closed, forgotten or lost with their thread', async () => {
  deepEqual(
    await lines(`
      const names = ['Connection', 'OwnedLoop', 'Outbox', 'Inbox', 'PendingCall', 'CallerValues'];
      const nameOf = (body) => { try { return body(); } catch (error) { return error.name; } };
      const use = (n) => {
        const runner = new EventLoopThreadRunner();
        runner.run(api.echo(n));
        if (n % 3 < 2) runner.createTask(api.park());
        runner.iterate(api.numbers(100)).next();
        if (n % 3 === 0) runner.close();
        if (n % 3 === 1) nameOf(() => runner.run(coroutines('node:process').exit(1)));
      };
      // The prototypes have these names as well.
      const atFirst = JSON.stringify(await inHeap(...names));
      for (let n = 0; n < 6; n++) use(n);
      let atLast;
      for (let round = 0; round < 4 && atLast !== atFirst; round++) {
        await until(() => false, 20);
        atLast = JSON.stringify(await inHeap(...names));
      }
      console.log(atLast === atFirst || atFirst + atLast);
      // And the census counts what is there.
      const runner = new EventLoopThreadRunner();
      runner.run(api.echo(1));
      const { Connection, OwnedLoop, Inbox } = await inHeap(...names);
      const before = JSON.parse(atFirst);
      console.log(Connection - before.Connection, OwnedLoop - before.OwnedLoop, Inbox - before.Inbox);
      runner.close();`),
    ['true', '1 1 1'],
  );
});
