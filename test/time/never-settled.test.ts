import { test } from 'node:test';
import { deepEqual, match } from 'node:assert/strict';
import { runScript, type Outcome } from '../support/child.ts';

const NEVER_SETTLED = 'ERR_PALITRA_NEVER_SETTLED';

/** Runs the code in a process that is killed if it hangs; what it logs comes back as lines. */
async function script(code: string): Promise<{ lines: string[]; outcome: Outcome }> {
  const outcome = await runScript(`
    import { Worker, MessageChannel } from 'node:worker_threads';
    import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, iterate, run, start } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const never = coroutines('./never.js', import.meta);
    const log = (...values) => console.log(...values);
    const attempt = async (body) => {
      try { log(await body()); } catch (error) { log(error.code ?? error); }
    };
    ${code}`);
  return { lines: outcome.stdout.split('\n').slice(0, -1), outcome };
}

const stranded: Record<string, { code: string; before?: string[] }> = {
  run: { code: 'run(never.wait())' },
  'run of a runner': { code: 'new EventLoopThreadRunner().run(never.wait())' },
  'run of a function written in place': {
    code: 'run(coroutine(async () => { await new Promise(() => {}); })())',
  },
  'run of one that waits for an event': { code: 'run(never.waitForEvent())' },
  'run of one that waits for an unref’d timer': { code: 'run(never.waitForUnrefTimer())' },
  gather: { code: 'gather(never.wait(), never.wait())' },
  'gather, once the others have ended': { code: 'gather(arithmetic.add(1, 2), never.wait())' },
  'task.result()': { code: 'createTask(never.wait()).result()' },
  start: { code: 'start(never.wait())' },
  iterate: { code: 'for (const item of iterate(never.items())) log(item)', before: ['1'] },
  'iterate in lock-step': {
    code: 'for (const item of iterate(never.items(), { highWaterMark: 1 })) log(item)',
    before: ['1'],
  },
  'the end of an iteration': { code: 'for (const _ of iterate(never.stuckCleanUp())) break' },
  'run in a callback': { code: 'run(never.call(() => run(never.wait())))' },
};

for (const [title, { code, before = [] }] of Object.entries(stranded)) {
  test(`${title}: NeverSettledError instead of a hang, and the next call works`, async () => {
    const { lines, outcome } = await script(`
      await attempt(() => { ${code}; });
      log(run(arithmetic.add(1, 2)));`);
    deepEqual(
      { lines, isHung: outcome.isHung, stderr: outcome.stderr },
      { lines: [...before, NEVER_SETTLED, '3'], isHung: false, stderr: '' },
    );
  });
}

test('with returnExceptions, the others keep their results', async () => {
  const { lines } = await script(`
    const [error, sum] = gather([never.wait(), arithmetic.add(1, 2)], { returnExceptions: true });
    log(error.code, sum);`);
  deepEqual(lines, [`${NEVER_SETTLED} 3`]);
});

test('the message names the coroutine, and says what to look for', async () => {
  const { lines } = await script(`
    try { run(never.wait()); } catch (error) { log(error.name, error.message); }`);
  match(lines[0]!, /^NeverSettledError \S*never\.js#wait waits for something that can never come/);
  match(lines[0]!, /a promise whose resolve is never called/);
});

test('the coroutine’s signal is aborted with the error', async () => {
  const { lines } = await script(`
    await attempt(() => run(never.waitAndListen()));
    log(run(never.takeReasons()).join());`);
  deepEqual(lines, [NEVER_SETTLED, 'NeverSettledError']);
});

test('a thousand times in a row, and in between calls that work', async () => {
  const { lines } = await script(`
    const codes = new Set();
    for (let index = 0; index < 1_000; index++) {
      try { run(never.wait()); } catch (error) { codes.add(error.code); }
      if (run(arithmetic.add(index, 1)) !== index + 1) log('wrong');
    }
    log(...codes);`);
  deepEqual(lines, [NEVER_SETTLED]);
});

test('thousands of callbacks are never taken for it, whatever runs in them', async () => {
  const { lines, outcome } = await script(`
    let seed = 11;
    const random = (below) => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
    const counts = { nested: 0, stranded: 0 };
    const callback = (index) => {
      const chance = random(20);
      const end = performance.now() + random(10) / 10;
      if (chance === 0) while (performance.now() < end);
      if (chance === 1 && run(arithmetic.add(index, 1)) === index + 1) counts.nested += 1;
      if (chance === 2) {
        try { run(never.wait()); } catch { counts.stranded += 1; }
      }
      return index;
    };
    const runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
    log(runner.run(never.callOften(callback, 2_000)), run(never.callOften(callback, 2_000)));
    log(counts.nested > 100, counts.stranded > 100);`);
  deepEqual(
    { lines, stderr: outcome.stderr },
    { lines: ['1999000 1999000', 'true true'], stderr: '' },
  );
});

test('a loop thread that blocks for a loop thread of its own is told so', async () => {
  const { lines } = await script('log(run(never.runNested()));');
  deepEqual(lines, [NEVER_SETTLED]);
});

test('a worker that blocks is told so, while its parent goes on', async () => {
  const { lines } = await script(`
    if (!process.argv.includes('worker')) {
      const worker = new Worker(new URL(import.meta.url), { argv: ['worker'] });
      worker.on('exit', () => log('parent'));
    } else await attempt(() => run(never.wait()));`);
  deepEqual(lines, [NEVER_SETTLED, 'parent']);
});

/** Waits for what something other than the blocked call will do. */
const alive: Record<string, string> = {
  'a timer of another coroutine': `
    createTask(never.emitLater('settled'));
    log(run(never.waitForEvent()));`,
  'another member of the group': `
    log(gather(never.waitForEvent(), never.emitLater('settled'))[0]);`,
  'its own callback': `
    log(run(never.callAndWait(() => run(never.emit('settled')))));`,
  'a callback that takes its time': `
    const nap = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    log(run(never.call(() => { nap(); return 'settled'; })));`,
  'a callback in async code, which calls the loop': `
    log(await createTask(never.callAndWait(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await createTask(never.emit('settled'));
    })));`,
  'a later call, for a task that is awaited in async code': `
    setTimeout(() => run(never.emit('settled')), 50);
    log(await createTask(never.waitForEvent()));`,
  'a later call, for a task that nobody is blocked for': `
    const task = createTask(never.waitForEvent());
    await attempt(() => run(never.wait()));
    run(never.emit('settled'));
    log(task.result());`,
};

for (const [title, code] of Object.entries(alive)) {
  test(`a coroutine is left alone when it can still be settled by ${title}`, async () => {
    const { lines, outcome } = await script(code);
    deepEqual({ last: lines.at(-1), isHung: outcome.isHung }, { last: 'settled', isHung: false });
  });
}

test('a coroutine is left alone when it can still be settled by a socket', async () => {
  const { lines } = await script(`
    const server = new Worker(\`
      const { createServer } = require('node:http');
      const { parentPort } = require('node:worker_threads');
      const server = createServer((_, response) => setTimeout(() => response.end('settled'), 100));
      server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));\`, { eval: true });
    const port = await new Promise((resolve) => server.once('message', resolve));
    const load = coroutine(async (url) => (await fetch(url)).text());
    log(run(load('http://127.0.0.1:' + port)));
    server.terminate();`);
  deepEqual(lines, ['settled']);
});

/** What nothing on the loop thread announces: a message of another thread to a port that is unref'd. */
const unannounced: Record<string, { options?: string; runner?: string; expected: string }> = {
  'neverSettled: error, the default, does not wait for it': { expected: NEVER_SETTLED },
  'neverSettled: wait waits for it': { runner: "{ neverSettled: 'wait' }", expected: 'late' },
  'with a timeout the call waits for it': { options: '{ timeout: 3_600_000 }', expected: 'late' },
  'with a timeout of the runner the call waits for it': {
    runner: '{ timeout: 3_600_000 }',
    expected: 'late',
  },
  'with a signal the call waits for it': {
    options: '{ signal: new AbortController().signal }',
    expected: 'late',
  },
};

for (const [title, { options = '{}', runner = '{}', expected }] of Object.entries(unannounced)) {
  test(`a message that nothing on the loop announces: ${title}`, async () => {
    const { lines, outcome } = await script(`
      const runner = new EventLoopThreadRunner(${runner});
      const flags = new Int32Array(new SharedArrayBuffer(16));
      const { port1, port2 } = new MessageChannel();
      new Worker(\`
        const { port, flags } = require('node:worker_threads').workerData;
        Atomics.wait(flags, 0, 0);
        setTimeout(() => port.postMessage('late'), 200);\`,
        { eval: true, workerData: { port: port2, flags }, transferList: [port2] }).unref();
      const { transfer } = await import('palitra');
      await attempt(() => runner.run(never.waitForPort(transfer(port1, [port1]), flags), ${options}));`);
    deepEqual({ lines, isHung: outcome.isHung }, { lines: [expected], isHung: false });
  });
}

const limited: Record<string, string> = {
  run: 'run(never.wait(), { timeout })',
  gather: 'gather([never.wait(), never.wait()], { timeout })',
  'task.result()': 'createTask(never.wait(), { timeout }).result()',
  'task.result({ timeout })': 'createTask(never.wait()).result({ timeout })',
  start: 'start(never.wait(), { timeout })',
  iterate: 'iterate(coroutine(async () => new Promise(() => {}))(), { timeout }).next()',
  'a runner that waits': `new EventLoopThreadRunner({ neverSettled: 'wait' }).run(never.wait(), { timeout })`,
};

for (const [title, code] of Object.entries(limited)) {
  test(`with a timeout it is a TimeoutError instead, in ${title}`, async () => {
    const { lines, outcome } = await script(`
      const timeout = 100;
      await attempt(() => ${code});`);
    deepEqual({ lines, isHung: outcome.isHung }, { lines: ['ERR_PALITRA_TIMEOUT'], isHung: false });
  });
}
