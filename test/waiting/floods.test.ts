/** Callbacks keep coming: whatever has a limit keeps it, and the program's own event loop turns. */
import { test } from 'node:test';
import { isBun } from '../support/runtime.ts';
import { prints } from './programs.ts';

/** Three coroutines call back as soon as they are answered, or an interval that nobody awaits does. */
const FLOODS = `
  const lanes = coroutine(async (ask) => { await Promise.all([1, 2, 3].map(async () => { for (;;) await ask(); })); });
  const interval = coroutine(async (ask) => { setInterval(() => { ask().catch(() => undefined); }, 1); await new Promise(() => {}); });
  const laneItems = coroutine(async function* (ask) { yield 1; await Promise.all([1, 2, 3].map(async () => { for (;;) await ask(); })); });
  const handler = () => compute(10);
  run(nap(1));
  // A busy machine may take its time; callbacks that keep coming take for ever.
  const soon = ([value, ms], least) => console.log(value, ms >= least && ms < 20_000);
`;

for (const [title, body] of [
  ['run', 'run(lanes(handler), { timeout: 200 })'],
  ['run with an interval', 'run(interval(handler), { timeout: 200 })'],
  ['gather', 'gather([lanes(handler), lanes(handler)], { timeout: 200 })'],
  ['iterate', '[...iterate(laneItems(handler), { timeout: 200 })]'],
  ['start', 'start(lanes(handler), { timeout: 200 })'],
  ['the result of a task', 'createTask(lanes(handler), { timeout: 200 }).result()'],
] as const) {
  test(`callbacks that keep coming do not keep a timeout from ending ${title}`, async () => {
    await prints(`${FLOODS} soon(timed(() => ${body}), 190);`, ['TimeoutError true']);
  });
}

for (const flood of ['lanes', 'interval']) {
  test(`callbacks of ${flood} that keep coming keep neither the timeout of a task that is awaited nor a timer from firing`, async () => {
    await prints(
      `${FLOODS}
      let isFired = false;
      setTimeout(() => { isFired = true; }, 50);
      const task = createTask(${flood}(handler), { timeout: 200 });
      console.log(await task.catch((error) => error.name), isFired);`,
      ['TimeoutError true'],
    );
  });

  test(`close() ends in its shutdownTimeout while callbacks of ${flood} keep coming`, async () => {
    await prints(
      `${FLOODS}
      const runner = new EventLoopThreadRunner({ shutdownTimeout: 300 });
      runner.run(nap(1));
      const task = runner.createTask(${flood}(handler));
      attempt(() => runner.run(nap(60_000), { timeout: 50 }));
      soon(timed(() => runner.close()), 0);
      console.log(attempt(() => task.result()));`,
      ['undefined true', 'CancelledError'],
    );
  });

  test(`close({ drain }) keeps its time while callbacks of ${flood} keep coming`, async () => {
    await prints(
      `${FLOODS}
      const runner = new EventLoopThreadRunner({ shutdownTimeout: 300 });
      const task = runner.createTask(${flood}(handler));
      soon(timed(() => runner.close({ drain: 200 })), 190);`,
      ['undefined true'],
    );
  });

  test(`the process ends while callbacks of ${flood} keep coming`, async () => {
    await prints(
      `${FLOODS}
      createTask(${flood}(handler));
      attempt(() => run(nap(60_000), { timeout: 50 }));
      process.exit(0);`,
      [],
    );
  });
}

test('a call inside a callback has no more time than the one around it, however deep', async () => {
  await prints(
    `${FLOODS}
    let inner;
    // It goes on afterwards, so that nothing but its time ends it.
    const asks = coroutine(async (callback) => { await callback().catch(() => undefined); await new Promise((resolve) => setTimeout(resolve, 60_000)); });
    const outer = timed(() => run(asks(() => run(asks(() => {
      inner = attempt(() => run(nap(60_000), { timeout: 50_000 }));
    }))), { timeout: 100 }));
    soon(outer, 90);
    console.log(inner, run(nap(1, 'next')));`,
    ['TimeoutError true', 'TimeoutError next'],
  );
});

test('the message of a call that is cut short by the one around it says so', async () => {
  await prints(
    `let message;
    run(nap(1));
    attempt(() => run(callBack(() => { try { run(nap(60_000)); } catch (error) { message = error.message; } }), { timeout: 100 }));
    console.log(/had not ended when the timeout of the call around it was over/.test(message));`,
    ['true'],
  );
});

test('a reply that was there in time counts, however late the thread looks', async () => {
  await prints(
    `run(nap(1));
    const task = createTask(nap(10, 'in time'), { timeout: 200 });
    compute(400);
    console.log(await task);
    console.log(run(callBack(() => { compute(300); return 'late, but there'; }), { timeout: 20_000 }));
    const other = createTask(nap(10, 'for result()'), { timeout: 200 });
    compute(400);
    console.log(other.result());`,
    ['in time', 'late, but there', 'for result()'],
  );
});

test('a timeout is over before the messages of a flood have been read that stand before the reply', async () => {
  await prints(
    `
    const flood = coroutine((callback, count) => { for (; count > 0; count--) callback(); });
    const ignore = keep(() => undefined);
    run(nap(1));
    createTask(flood(ignore, 2_000_000));
    compute(4_000);
    const [name, ms] = timed(() => run(never(), { timeout: 1, signal: new AbortController().signal }));
    console.log(name, ms < 1_000 || ms);
    process.exit(0);`,
    ['TimeoutError true'],
    { limitMs: 120_000 },
  );
});

test('when the time is up no other callback is executed', async () => {
  await prints(
    `
    const lanes = coroutine(async (ask) => {
      const lane = async () => { for (;;) await ask(); };
      await Promise.all([lane(), lane(), lane()]);
    });
    let count = 0;
    console.log(timed(() => run(lanes(() => { count += 1; compute(600); }), { timeout: 400 }))[0], count < 2);`,
    ['TimeoutError true'],
  );
});

test(
  'however many callbacks come, and however often their thread is woken, its own timers have their turn',
  { skip: isBun && 'in Bun 1.4 a loop of setImmediate outruns everything, until memory is full' },
  async () => {
    await prints(
      `
    const flood = coroutine((callback) => {
      const go = () => { for (let count = 0; count < 50; count++) callback(); setImmediate(go); };
      go();
    });
    let served = 0;
    run(flood(keep(() => { served += 1; compute(0.2); })));
    let ticks = 0;
    let before = 0;
    // By a count of callbacks, as durations say little on a busy machine: a turn of theirs has 25.
    let most = 0;
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        most = Math.max(most, served - before);
        before = served;
        if ((ticks += 1) < 400) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    console.log(most < 150 || most);
    process.exit(0);`,
      ['true'],
      { limitMs: 60_000 },
    );
  },
);

test('callbacks that have all come at once are executed to the last, though nothing else turns the event loop', async () => {
  await prints(
    `${FLOODS}
    let count = 0;
     run(nap(1));
    const done = new Promise((resolve) => {
      const callback = keep(() => { compute(3); if ((count += 1) === 20) resolve('all'); });
      createTask(coroutine((callback) => { for (let n = 0; n < 20; n++) callback(); })(callback)).catch(() => undefined);
    });
    compute(100);
    console.log(await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 20_000, 'some'))]));
    process.exit();`,
    ['all'],
  );
});
