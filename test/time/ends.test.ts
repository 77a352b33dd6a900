import { test } from 'node:test';
import { deepEqual, match } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** What ends a loop thread while a call is in flight on it, and with what error the call then ends. */
const deaths: Record<string, { die: string; code: string }> = {
  'process.exit()': { die: 'parking.exit(3)', code: 'ERR_PALITRA_LOOP_DIED' },
  'process.exit() in a timer': { die: 'exitLater()', code: 'ERR_PALITRA_LOOP_DIED' },
  'running out of memory': { die: 'fill()', code: 'ERR_PALITRA_LOOP_DIED' },
};

const waits: Record<string, (die: string) => string> = {
  run: (die) => `runner.run(${die}, limits)`,
  gather: (die) => `runner.gather([parking.park(), ${die}], limits)`,
  'task.result()': (die) => `runner.createTask(${die}, limits).result()`,
  start: (die) => `runner.start(${die}, limits)`,
  iterate: (die) => `runner.iterate(${die}, limits).next()`,
};

const prelude = `
  import { coroutine, coroutines, EventLoopThreadRunner } from 'palitra';
  const arithmetic = coroutines('./arithmetic.js', import.meta);
  const busy = coroutines('./busy.js', import.meta);
  const parking = coroutines('./parking.js', import.meta);
  const exitLater = coroutine(() => new Promise(() => setTimeout(() => process.exit(3), 20)));
  const fill = coroutine(async () => {
    const all = [];
    for (;;) all.push(new Array(10_000).fill(all.length));
  });
  const attempt = (body) => {
    try { console.log(body()); } catch (error) { console.log(error.code ?? error.message); }
  };`;

for (const [how, { die, code }] of Object.entries(deaths)) {
  test(`a loop thread that dies by ${how}: no call waits for its timeout of an hour, and the next one works`, async () => {
    const { stdout, isHung } = await runScript(
      `${prelude}
      const limits = { timeout: 3_600_000, signal: new AbortController().signal };
      const runner = new EventLoopThreadRunner({ resourceLimits: { maxOldGenerationSizeMb: 16 } });
      ${Object.values(waits)
        .map((wait) => `attempt(() => ${wait(die)});`)
        .join('\n')}
      attempt(() => runner.run(arithmetic.add(1, 2), limits));
      runner.close();`,
    );
    const expected = `${`${code}\n`.repeat(Object.keys(waits).length)}3\n`;
    deepEqual({ stdout, isHung }, { stdout: expected, isHung: false });
  });
}

for (const [name, wait] of Object.entries(waits)) {
  test(`${name} keeps its timeout on a loop thread that has stopped`, async () => {
    const { stdout, isHung } = await runScript(`${prelude}
      const limits = { timeout: 100 };
      const runner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
      runner.run(busy.sleepFor(0));
      runner.createTask(busy.stop());
      attempt(() => ${wait('parking.park()')});
      runner.close();`);
    deepEqual({ stdout, isHung }, { stdout: 'ERR_PALITRA_TIMEOUT\n', isHung: false });
  });
}

test('a task that computes and whose signal aborts is given up at once, and the next call replaces its loop thread', async () => {
  const { stdout, stderr, isHung } = await runScript(`${prelude}
    const controller = new AbortController();
    const runner = new EventLoopThreadRunner();
    const flags = new Int32Array(new SharedArrayBuffer(16));
    const other = runner.createTask(parking.park(flags));
    Atomics.wait(flags, 0, 0);
    const task = runner.createTask(busy.computeLater(60_000, flags), { signal: controller.signal });
    while (Atomics.load(flags, 0) < 2) Atomics.wait(flags, 0, 1);
    controller.abort(new Error('enough'));
    attempt(() => task.result());
    attempt(() => runner.run(arithmetic.add(1, 2)));
    attempt(() => other.result());
    runner.close();`);
  deepEqual({ stdout, isHung }, { stdout: 'enough\n3\nERR_PALITRA_LOOP_DIED\n', isHung: false });
  match(stderr, /\[PALITRA_LOOP_REPLACED\] PalitraWarning: .*busy\.js#computeLater/);
});

test('the late replies of calls whose signals aborted are dropped, and every call gets its own', async () => {
  const { stdout, stderr, isHung } = await runScript(
    `${prelude}
    let seed = 31;
    const random = (below) => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
    const runner = new EventLoopThreadRunner();
    const call = coroutine(async (callback, value, ms) => {
      await callback();
      await new Promise((resolve) => setTimeout(resolve, ms));
      return value;
    });
    const counts = { values: 0, aborted: 0 };
    for (let index = 0; index < 500; index++) {
      const controller = new AbortController();
      const abort = () => { if (index % 2 === 0) controller.abort(new Error('enough')); };
      try {
        const value = runner.run(call(abort, index, random(3)), { signal: controller.signal });
        if (value !== index || index % 2 === 0) throw new Error('stray ' + value);
        counts.values += 1;
      } catch (error) {
        if (error.message !== 'enough') throw error;
        counts.aborted += 1;
      }
      if (runner.run(arithmetic.echo(-index)) !== -index) throw new Error('stray');
    }
    console.log(JSON.stringify(counts));
    runner.close();`,
  );
  deepEqual(
    { stdout, stderr, isHung },
    { stdout: '{"values":250,"aborted":250}\n', stderr: '', isHung: false },
  );
});

test('a run that nothing can settle ends as a Node program does that awaits it: with an error, not with a hang', async () => {
  const blocked = await runScript(`${prelude}
    const wait = coroutine(() => new Promise((resolve) => setTimeout(resolve, 3_600_000).unref()));
    new EventLoopThreadRunner().run(wait());`);
  const awaited = await runScript(
    'await new Promise((resolve) => setTimeout(resolve, 3_600_000).unref());',
  );
  deepEqual([blocked.code, awaited.code], [1, 13]);
  deepEqual([blocked.isHung, awaited.isHung], [false, false]);
  match(blocked.stderr, /NeverSettledError: .* waits for something that can never come/);
});
