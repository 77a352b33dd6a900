import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const prelude = `
  import { coroutines, createTask, gather, get, run, shutdownGlobalRunner, EventLoopThreadRunner } from 'palitra';
  const api = coroutines('./handles.js', import.meta);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** The object on the loop thread, once nothing here holds its handle. */
  const isForgotten = async (rounds = 50) => {
    for (let round = 0; round < rounds; round++) {
      await turn();
      globalThis.gc();
      await turn();
      if (run(api.isCollected())) return true;
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

test('the object lives as long as its handle, and is collected after it', async () => {
  deepEqual(
    await lines(`
      let session = run(api.openWatched());
      console.log(await isForgotten(5), run(session.add(2)));
      session = undefined;
      console.log(await isForgotten());
    `),
    ['false 2', 'true'],
  );
});

test('a coroutine of the handle holds it', async () => {
  deepEqual(
    await lines(`
      let add = run(api.openWatched()).add(2);
      console.log(await isForgotten(5), run(add));
      add = undefined;
      console.log(await isForgotten());
    `),
    ['false 2', 'true'],
  );
});

test('after disposal the object is collected, though the handle is still there', async () => {
  deepEqual(
    await lines(`
      const session = run(api.openWatched());
      session[Symbol.dispose]();
      console.log(await isForgotten());
      console.log(String(session).includes('disposed'));
    `),
    ['true', 'true'],
  );
});

test('of two handles to one object the last one to go releases it', async () => {
  deepEqual(
    await lines(`
      let one = run(api.openWatched());
      let two;
      run(api.give(one, (given) => (two = given)));
      one = undefined;
      console.log(await isForgotten(5), run(two.add(1)));
      two = undefined;
      console.log(await isForgotten());
    `),
    ['false 1', 'true'],
  );
});

test('a handle that has not arrived is not held: refused results, timeouts, results nobody takes', async () => {
  deepEqual(
    await lines(`
      try {
        run(api.openInVain());
      } catch (error) {
        console.log(error.path, await isForgotten());
      }
      createTask(api.openWatched());
      run(api.openedSoFar());
      console.log(await isForgotten());
      // Nobody keeps the task either: it may have ended before it was cancelled, and then it has the handle.
      createTask(api.openWatched()).cancel();
      run(api.openedSoFar());
      console.log(await isForgotten());
      try {
        gather(api.openWatched(), api.throwWithHandle());
      } catch {}
      console.log(await isForgotten());
    `),
    ['result[1] true', 'true', 'true', 'true'],
  );
});

test('ten thousand handles, opened and dropped, leave nothing on the loop thread', async () => {
  deepEqual(
    await lines(`
      let opened;
      for (let round = 0; round < 10; round++) {
        opened = run(api.openMany(1_000));
        await turn();
      }
      let session = run(api.openWatched());
      opened = session = undefined;
      console.log(await isForgotten(), run(api.openedSoFar()));
    `),
    // And the shared one of the module.
    ['true 10002'],
  );
});
