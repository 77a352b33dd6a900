/** Nothing is kept of the last message, though none comes after it to take its place. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const prelude = `
  import { coroutine, coroutines, EventLoopThreadRunner, keep } from 'palitra';
  const api = coroutines('./leaks.js', import.meta);
  const runner = new EventLoopThreadRunner();
  const turn = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));
  const until = async (isSo) => {
    for (let round = 0; round < 200; round++) {
      await turn();
      globalThis.gc();
      await turn();
      if (isSo()) return true;
    }
    return false;
  };
  const AN_HOUR = 3_600_000;
  const thrownBy = (body) => { try { body(); } catch (error) { return error; } };
`;

async function lines(script: string): Promise<string[]> {
  const { stdout, stderr, isHung } = await runScript(prelude + script, {
    nodeArgs: ['--expose-gc', '--no-warnings'],
    limitMs: 60_000,
  });
  deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
  return stdout.trim().split('\n');
}

const takenByTheCaller = {
  'an object': 'runner.run(api.echo({ n: [1] }))',
  'an object too large for the ring': "runner.run(api.echo({ text: 'x'.repeat(100_000) }))",
  'a handle': 'runner.run(api.open(1))',
  'a platform object': 'runner.run(coroutine(async () => new Blob(["x"]))())',
  'what was moved': `runner.run(coroutine(async () => {
    const { transfer } = await import('palitra/loop');
    const bytes = new Uint8Array(10);
    return transfer(bytes, [bytes.buffer]);
  })())`,
  'an error': 'thrownBy(() => runner.run(api.fail(1)))',
  'an item of an iterator':
    'runner.iterate(coroutine(async function* () { yield { n: 1 }; })()).next().value',
  'an argument of a callback': `(() => {
    let taken;
    runner.run(coroutine(async (f) => void (await f({ n: 1 })))((value) => void (taken = value)));
    return taken;
  })()`,
};

for (const [title, take] of Object.entries(takenByTheCaller)) {
  for (const end of ['runner.close();', '']) {
    const when = end === '' ? 'and the runner stays open' : 'and the runner is closed';
    test(`the caller keeps nothing of it: ${title}, ${when}`, async () => {
      deepEqual(
        await lines(`
          const begin = () => new WeakRef(${take});
          const ref = begin();
          ${end}
          console.log(await until(() => ref.deref() === undefined));
          runner.close();`),
        ['true'],
      );
    });
  }
}

/** Each gives the loop thread one value, and \`watch\` there says when that is gone. */
const takenByTheLoop = {
  'an argument': '(value) => runner.run(watch(value))',
  'an argument too large for the ring':
    "(value) => runner.run(watch(Object.assign(value, { text: 'x'.repeat(100_000) })))",
  'a platform object': '() => runner.run(watch(new Blob(["x"])))',
  'the result of a callback': `(value) => runner.run(coroutine(async (f, look) => {
    globalThis.watchIt(await f());
  })(() => value))`,
  'the reason of an abortion': `(value) => {
    const controller = new AbortController();
    const task = runner.createTask(coroutine(async () => {
      const { getSignal } = await import('palitra/loop');
      const signal = getSignal();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      globalThis.watchIt(signal.reason);
    })(), { signal: controller.signal });
    task.catch(() => undefined);
    setTimeout(() => controller.abort(value), 100);
  }`,
};

for (const [title, give] of Object.entries(takenByTheLoop)) {
  test(`the loop thread keeps nothing of it: ${title}`, async () => {
    deepEqual(
      await lines(`
        const watch = coroutine(async (value) => globalThis.watchIt(value));
        runner.run(coroutine(async (path) => {
          // The promise of a module's evaluation lives as long as the module, and so does the coroutine that it was made in.
          await import('palitra/loop');
          const { collect } = await import(path);
          const { writeSync } = await import('node:fs');
          // Not a timer of the coroutine's that has it: that would hold what is in the coroutine's context.
          const timer = setInterval(() => {
            if (globalThis.watched === undefined) return;
            collect();
            if (globalThis.watched.deref() !== undefined) return;
            clearInterval(timer);
            writeSync(1, 'gone\\n');
          }, 20);
          globalThis.watchIt = (value) => {
            globalThis.watched = new WeakRef(value);
          };
        })(new URL('../support/collect.js', new URL('./leaks.js', import.meta.url)).href));
        const give = ${give};
        give({ n: 1 });
        await turn(1_500);
        runner.close();`),
      ['gone'],
    );
  });
}

test('neither keeps the memory that a large message took', async () => {
  const [there, here] = (
    await lines(`
      const SIZE = 30_000_000;
      const give = () => void runner.run(coroutine(async (...both) => both)(new Uint8Array(SIZE), 'x'.repeat(SIZE)));
      // On the loop thread, and later: when nothing comes any more.
      const measureThere = coroutine(async () => {
        setTimeout(async () => {
          for (let round = 0; round < 20; round++) {
            globalThis.gc?.();
            globalThis.Bun?.gc(true);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          (await import('node:fs')).writeSync(1, process.memoryUsage().arrayBuffers + '\\n');
        }, 50);
      });
      runner.run(measureThere());
      give();
      // What was sent is counted here until it is collected there.
      for (let round = 0; round < 60; round++) { await turn(25); globalThis.gc(); }
      console.log(process.memoryUsage().arrayBuffers);
      runner.close();`)
  ).map(Number);
  deepEqual({ here: here! < 10_000_000, there: there! < 10_000_000 }, { here: true, there: true });
});
