/**
 * Found by asking of each file "which order of calls breaks this?". Each hung, or ended in the wrong outcome,
 * every time.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import { runThreads } from '../support/threads.ts';

const PRELUDE = `
  import { coroutine, gather, iterate, run, EventLoopThreadRunner } from 'palitra';
  import { setTimeout as sleep } from 'node:timers/promises';
  const nameOf = (body) => { try { return body(); } catch (error) { return error.name; } };
  const echo = coroutine(async (value) => value);
  const never = coroutine(() => new Promise(() => {}));
  const compute = coroutine(() => { for (;;); });
  const die = coroutine(() => process.exit(3));
  process.on('warning', () => {});
`;

async function prints(source: string, expected: string): Promise<void> {
  const { stdout, isHung } = await runScript(PRELUDE + source);
  deepEqual({ stdout, isHung }, { stdout: `${expected}\n`, isHung: false });
}

// The numbers of a group were taken one by one, and announced as if they stood in a row.
test('the last of a gather never settles, and a getter before it has called as well', () =>
  prints(
    `console.log(nameOf(() => gather(echo(1), echo({ get v() { return run(echo(5)); } }), never())));`,
    'NeverSettledError',
  ));

// Between the look at the signal and the listener stood the getters of the arguments.
for (const [how, call] of Object.entries({
  run: 'runner.run(never(argument), { signal })',
  gather: 'runner.gather([never(argument)], { signal })',
  createTask: 'runner.createTask(never(argument), { signal }).result()',
  iterate: '[...runner.iterate(never(argument), { signal })]',
})) {
  test(`a getter among the arguments of ${how} aborts its signal`, () =>
    prints(
      `const runner = new EventLoopThreadRunner();
      const controller = new AbortController();
      const { signal } = controller;
      const argument = { get a() { controller.abort(new RangeError('mine')); return 1; } };
      console.log(nameOf(() => ${call}));`,
      'RangeError',
    ));
}

// They waited for a loop thread that the next call would have replaced.
test('using, on the way out of a call that computes, does not wait for ever', () =>
  prints(
    `const { URL: RemoteUrl } = (await import('palitra')).coroutines('node:url');
    const runner = new EventLoopThreadRunner();
    const url = runner.run(new RemoteUrl('http://localhost/'));
    console.log(nameOf(() => {
      try { runner.run(compute(), { timeout: 50 }); } finally { url[Symbol.dispose](); }
    }), runner.run(echo(1)));`,
    'TimeoutError 1',
  ));

test('nor does a loop over an iterator', () =>
  prints(
    `const numbers = coroutine(async function* () { for (let n = 0; ; n++) yield n; });
    const runner = new EventLoopThreadRunner();
    console.log(nameOf(() => {
      for (const n of runner.iterate(numbers())) runner.run(compute(), { timeout: 50 });
    }), runner.run(echo(1)));`,
    'TimeoutError 1',
  ));

// The exit event of the first marked the control block of the seventeenth as lost.
test('a loop thread in the place of sixteen that have died in a row lives on', () =>
  prints(
    `const runner = new EventLoopThreadRunner();
    for (let n = 0; n < 16; n++) nameOf(() => runner.run(die()));
    const later = coroutine(() => new Promise((resolve) => setTimeout(resolve, 500, 'later')));
    const task = runner.createTask(later());
    // It has begun before the event loop turns.
    runner.run(coroutine(async () => 1)());
    await sleep(100);
    console.log(runner.isAlive, nameOf(() => task.result()), runner.getLoop().stats().restarts);`,
    'true later 16',
  ));

// What came by way of the callback's next() was taken for the end.
test('a callback goes on with the iterator that its producer belongs to', () =>
  prints(
    `const inner = [];
    const numbers = coroutine(async function* (callback) {
      void callback();
      for (let n = 0; n < 10; n++) yield n;
    });
    const iterator = iterate(numbers(() => { inner.push(iterator.next().value, iterator.next().value); }));
    console.log([...iterator].length + inner.length, inner.join());`,
    '10 0,1',
  ));

// It had been settled, but nobody had looked yet.
test('what has ended before its loop thread was replaced is no loss', () =>
  prints(
    `const runner = new EventLoopThreadRunner();
    runner.run(echo(1));
    const fast = coroutine(() => new Promise((resolve) => setTimeout(resolve, 100, 'fast')));
    const slow = coroutine(async () => { await new Promise((resolve) => setTimeout(resolve, 400)); for (;;); });
    const task = runner.createTask(fast());
    nameOf(() => runner.run(slow(), { timeout: 10 }));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
    console.log(runner.run(echo(1)), nameOf(() => task.result()), runner.getLoop().stats().restarts);`,
    '1 fast 1',
  ));

test('a hole in the list of gather is no coroutine, and nothing starts', () =>
  prints(
    `const mark = coroutine(async () => { globalThis.marked = true; });
    const wasMarked = coroutine(async () => globalThis.marked === true);
    let message;
    try { gather([mark(), , mark()]); } catch (error) { message = error.message; }
    console.log(message.startsWith('gather() takes a coroutine'), run(wasMarked()));`,
    'true false',
  ));

test('an Error.prepareStackTrace that throws keeps no outcome back', () =>
  prints(
    `const fail = coroutine(async () => { throw new TypeError('real'); });
    const calls = [fail(), fail(), echo('ok')];
    run(echo(1));
    Error.prepareStackTrace = () => { throw new SyntaxError('hostile'); };
    const runner = new EventLoopThreadRunner();
    const task = runner.createTask(calls[0]);
    const outcome = nameOf(() => runner.run(calls[1]));
    const items = [...iterate(coroutine(async function* () { yield 1; })())];
    console.log(outcome, await task.then(null, (error) => error.name), runner.run(calls[2]), items.length);`,
    'TypeError TypeError ok 1',
  ));

test('close({ drain }) of a runner whose loop thread is blocked for this one ends it', async () => {
  const { stdout, isHung } = await runThreads(
    `
    const a = new EventLoopThreadRunner({ name: 'A' });
    const closeB = palitra.coroutine(async (token, url) => {
      const { coroutines, EventLoopThreadRunner } = await import('palitra');
      const shared = coroutines(url);
      const b = new EventLoopThreadRunner({ name: 'B' });
      const flags = new Int32Array(new SharedArrayBuffer(8));
      const task = b.createTask(shared.chain([token], flags, 1));
      Atomics.wait(flags, 0, 0, 10_000);
      Atomics.wait(flags, 1, 0, 500);
      b.close({ drain: 100 });
      return [b.isAlive, await task.then(() => 'done', (error) => error.name)];
    });
    console.log(a.run(closeB(a.share(), new URL('./shared.js', import.meta.url).href)).join());
    a.close();`,
    {},
  );
  deepEqual({ stdout, isHung }, { stdout: 'false,CancelledError\n', isHung: false });
});

// The loop thread took the introduction all the same, and waited for who had gone.
test('a thread that was too late to join is not waited for', async () => {
  const { stdout, isHung } = await runThreads(
    `
    const runner = new EventLoopThreadRunner();
    const busy = palitra.coroutine((flags) => {
      Atomics.store(flags, 0, 1);
      Atomics.wait(flags, 1, 0);
    });
    const flags = newFlags();
    runner.run(palitra.coroutine(async () => {})());
    const token = runner.share();
    runner.createTask(busy(flags));
    await raised(flags, 0);
    const worker = start('late', { token, flags });
    while (said.length < 2) await sleep(1);
    const never = palitra.coroutine(() => new Promise(() => {}));
    console.log(said.join(), nameOf(() => runner.run(never())));
    Atomics.store(flags, 2, 1);
    await worker.done;`,
    {
      late: `
      const connected = EventLoopThreadRunner.connect(data.token);
      say(nameOf(() => connected.run(palitra.coroutine(async () => 1)(), { timeout: 50 })));
      Atomics.store(data.flags, 1, 1);
      Atomics.notify(data.flags, 1);
      say(connected.run(palitra.coroutine(async () => 1)()));
      connected.close();
      await raised(data.flags, 2);`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'TimeoutError,1 NeverSettledError\n', isHung: false });
});

// Its own close() had counted it out, and the loop thread did it once more when it found the thread gone.
test('a thread that leaves while the loop computes is counted out once', async () => {
  const { stdout, isHung } = await runThreads(
    `
    const runner = new EventLoopThreadRunner();
    const token = runner.share();
    // The list of those who have joined is full, so that this one is counted only (src/wire/layout.ts).
    const places = new Int32Array(token.memory, 128 + 16 * 256, 64 * 8);
    for (let place = 0; place < 64; place++) places[8 * place] = -1;
    const leaver = start('leaver', token);
    while (said.length < 1) await sleep(1);
    // First what keeps the loop from turning until the thread has gone, then the look at the callers: both are due.
    const busy = palitra.coroutine(() => {
      const busyFor = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
      setTimeout(() => busyFor(2_000), 1);
      busyFor(1_100);
    });
    runner.run(busy());
    await sleep(100);
    leaver.postMessage('leave');
    await leaver.done;
    await sleep(2_500);
    const bringer = start('bringer', runner.share());
    while (said.length < 2) await sleep(1);
    const meet = palitra.coroutine(() => new Promise((resolve) => { globalThis.bring = resolve; }));
    console.log(nameOf(() => runner.run(meet())));
    await bringer.done;`,
    {
      leaver: `
      const connected = EventLoopThreadRunner.connect(data);
      connected.run(palitra.coroutine(async () => 1)());
      parentPort.once('message', () => { connected.close(); parentPort.unref(); });
      say('joined');`,
      bringer: `
      const connected = EventLoopThreadRunner.connect(data);
      say('there');
      await sleep(500);
      connected.run(palitra.coroutine(async () => globalThis.bring('brought'))());`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'brought\n', isHung: false });
});

// With the loop thread the owner had forgotten that there is something to say at its end.
for (const ms of [0, 300]) {
  test(`the owner ends ${ms} ms after its loop thread: the runner is closed for the others`, async () => {
    const { stdout, isHung } = await runThreads(
      `
      const owner = start('owner', ${ms});
      while (said.length < 1) await sleep(1);
      const connected = EventLoopThreadRunner.connect(said[0]);
      const one = palitra.coroutine(async () => 1);
      connected.run(one());
      owner.postMessage('end');
      await owner.done;
      console.log(nameOf(() => connected.run(one())));`,
      {
        owner: `
        const runner = new EventLoopThreadRunner();
        say(runner.share());
        await once(parentPort, 'message');
        nameOf(() => runner.run(palitra.coroutine(() => process.exit(3))()));
        if (data > 0) await sleep(data);
        process.exit();`,
      },
    );
    deepEqual({ stdout, isHung }, { stdout: 'RunnerClosedError\n', isHung: false });
  });
}

test('what a connected thread had got is no loss when the loop thread dies, and what it had not is settled', async () => {
  const { stdout, isHung } = await runThreads(
    `
    const runner = new EventLoopThreadRunner();
    const flags = newFlags();
    const worker = start('worker', { token: runner.share(), flags });
    await raised(flags, 0);
    await sleep(100);
    nameOf(() => runner.run(palitra.coroutine(() => process.exit(3))()));
    runner.run(palitra.coroutine(async () => 1)());
    Atomics.store(flags, 1, 1);
    Atomics.notify(flags, 1);
    await worker.done;
    console.log(said.join());`,
    {
      worker: `
      const connected = EventLoopThreadRunner.connect(data.token);
      const one = palitra.coroutine(async () => 1);
      connected.run(one());
      const task = connected.createTask(one());
      const lost = connected.createTask(palitra.coroutine(() => new Promise(() => {}))());
      Atomics.store(data.flags, 0, 1);
      Atomics.wait(data.flags, 1, 0);
      connected.run(one());
      say([nameOf(() => task.result()), lost.done, nameOf(() => lost.result()), connected.getLoop().stats().restarts].join());`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: '1,true,LoopThreadError,1\n', isHung: false });
});

test('a loop thread that cannot be started for another thread is not the failure of who waits for something else', async () => {
  const { stdout, isHung } = await runThreads(
    `
    const { copyFileSync, rmSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const { pathToFileURL } = await import('node:url');
    const copy = tmpdir() + '/palitra-worker-' + process.pid + '.mjs';
    copyFileSync(new URL(import.meta.resolve('palitra/worker')), copy);
    const runner = new EventLoopThreadRunner({ workerUrl: pathToFileURL(copy) });
    const other = new EventLoopThreadRunner();
    process.on('warning', () => {});
    runner.run(palitra.coroutine(async () => 1)());
    const flags = newFlags();
    const worker = start('worker', { token: runner.share(), flags });
    await raised(flags, 0);
    rmSync(copy);
    Atomics.store(flags, 1, 1);
    Atomics.notify(flags, 1);
    const slow = palitra.coroutine(() => new Promise((resolve) => setTimeout(resolve, 1_500, 'innocent')));
    console.log(nameOf(() => other.run(slow())));
    await worker.done;
    console.log(said.join());`,
    {
      worker: `
      const connected = EventLoopThreadRunner.connect(data.token);
      connected.run(palitra.coroutine(async () => 1)());
      Atomics.store(data.flags, 0, 1);
      Atomics.wait(data.flags, 1, 0);
      nameOf(() => connected.run(palitra.coroutine(() => process.exit(3))()));
      say(nameOf(() => connected.run(palitra.coroutine(async () => 1)())));`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'innocent\nLoopStartError\n', isHung: false });
});
