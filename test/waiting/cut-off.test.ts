/** The stack is cut off by the `timeout` of `node:vm`, as by Ctrl-C in a REPL: no `finally` runs. */
import { test } from 'node:test';
import { isBun, isDeno } from '../support/runtime.ts';
import { prints } from './programs.ts';

const CUT_OFF = `
  import vm from 'node:vm';
  const cutOff = (go, timeout = 100) => {
    try { vm.runInContext('go()', vm.createContext({ go }), { timeout }); return 'came back'; } catch (error) { return error.code; }
  };
  const told = coroutine(async (callback) => {
    try { return await callback(); } catch (error) { globalThis.seen = error.name; throw error; }
  });
  const seen = coroutine(() => globalThis.seen);
  // As everybody has it who does not write all of it into one line.
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  run(nap(1));
`;

const canCutOff = !isBun && !isDeno;

for (const [title, body] of [
  ['run', 'run(nap(60_000))'],
  ['run with a timeout', 'run(nap(60_000), { timeout: 30_000 })'],
  ['gather', 'gather(nap(60_000), nap(60_000))'],
  [
    'iterate',
    '[...iterate(coroutine(async function* () { yield 1; await new Promise(() => setTimeout(() => {}, 60_000)); })())]',
  ],
  ['start', 'start(nap(60_000))'],
  ['a run inside a callback', 'run(callBack(() => run(nap(60_000))))'],
  ['a callback that computes', 'run(callBack(() => { for (;;); }))'],
  ['a getter that computes', 'run(nap({ get endless() { for (;;); } }))'],
  ['a getter that blocks', 'run(nap({ get endless() { return run(nap(60_000)); } }))'],
] as const) {
  test(
    `after ${title} was cut off everything works, and nothing of it is in flight`,
    { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
    async () => {
      await prints(
        `${CUT_OFF}
      const runner = new EventLoopThreadRunner();
      const task = createTask(nap(300, 'another'));
      console.log(cutOff(() => ${body}));
      console.log(run(nap(5, 'in the same breath')));
      await turn();
      console.log(run(nap(5, 'run')), await createTask(nap(5, 'task')), gather(nap(5, 'gather'))[0]);
      console.log(await createTask(callBack(async () => 'async callback')), run(callBack(() => 'callback')));
      console.log(await task, [...iterate(coroutine(async function* () { yield 'item'; })())][0]);
      await turn();
      const { EventLoopThreadRunner: R } = await import('palitra');
      console.log(run(callBack(() => globalThis[Symbol.for('palitra.globalRunner')].getLoop().tasks().length)));`,
        [
          'ERR_SCRIPT_EXECUTION_TIMEOUT',
          'in the same breath',
          'run task gather',
          'async callback callback',
          'another item',
          '1',
        ],
      );
    },
  );
}

test(
  'a call that was cut off is aborted, as one that was cancelled',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `${CUT_OFF}
    const waits = coroutine(async () => {
      const { getSignal } = await import('palitra/loop');
      const signal = getSignal();
      signal.addEventListener('abort', () => { globalThis.seen = signal.reason.name; });
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
    cutOff(() => run(waits()), 400);
    await turn();
    console.log(run(seen()));`,
      ['CancelledError'],
    );
  },
);

test(
  'a callback that was cut off rejects on the loop thread, also that of another call',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `${CUT_OFF}
    const task = createTask(told(() => { for (;;); }));
    task.catch(() => undefined);
    cutOff(() => run(nap(60_000)));
    await turn();
    console.log(run(seen()), attempt(() => task.result()));`,
      ['CancelledError CancelledError'],
    );
  },
);

test(
  'a wait that is cut off inside a callback does not end the call around it',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `${CUT_OFF}
    console.log(run(callBack(() => [cutOff(() => run(nap(60_000))), run(nap(5, 'after'))].join())));
    console.log(run(nap(1, 'next')));`,
      ['ERR_SCRIPT_EXECUTION_TIMEOUT,after', 'next'],
    );
  },
);

test(
  'a thousand calls are cut off at any place, and what is awaited arrives',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `${CUT_OFF}
    const echo = coroutine(async (value) => value);
    const big = { text: 'x'.repeat(20_000), list: Array.from({ length: 500 }, (_, index) => ({ index })) };
    let count = 0;
    for (let round = 0; round < 150; round++) {
      const task = createTask(nap(1, round));
      cutOff(() => { for (;;) { run(echo(big)); run(callBack(() => count++)); gather(echo(1), echo(big)); } }, 1 + (round % 7));
      if (run(echo(round)) !== round) throw new Error('another reply');
      if ((await task) !== round) throw new Error('another task');
      if (run(callBack(() => run(echo(round)))) !== round) throw new Error('another callback');
    }
    console.log('done');`,
      ['done'],
      { limitMs: 120_000 },
    );
  },
);

test(
  'what a getter writes is cut off alone, and the call that it is written for goes on',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `${CUT_OFF}
    const echo = coroutine(async (value) => value);
    const cut = (body) => ({ get value() { return cutOff(body); } });
    const endless = { get endless() { for (;;); } };
    console.log(run(echo(cut(() => run(echo(endless))))).value);
    console.log(gather(echo('first'), echo(cut(() => gather(nap(60_000), echo(endless))))).map((item) => item.value ?? item).join());
    console.log(run(nap(5, 'run')), await createTask(nap(5, 'task')));
    await turn();
    console.log(globalThis[Symbol.for('palitra.globalRunner')].getLoop().tasks().length);`,
      ['ERR_SCRIPT_EXECUTION_TIMEOUT', 'first,ERR_SCRIPT_EXECUTION_TIMEOUT', 'run task', '0'],
    );
  },
);

test(
  'calls that were cut off do not listen to their signal any more',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `${CUT_OFF}
    import { getEventListeners } from 'node:events';
    const { signal } = new AbortController();
    cutOff(() => run(nap(60_000), { signal }));
    cutOff(() => gather([nap(60_000), nap(60_000)], { signal }));
    await turn();
    console.log(getEventListeners(signal, 'abort').length);`,
      ['0'],
    );
  },
);

test(
  'a loop thread whose call was cut off does not count as blocked for another one',
  { skip: !canCutOff && 'no timeout of node:vm ends a blocked call here' },
  async () => {
    await prints(
      `
    const first = new EventLoopThreadRunner();
    const meets = coroutine(async (token, palitra) => {
      const { EventLoopThreadRunner, coroutine } = await import(palitra);
      const { default: vm } = await import('node:vm');
      const second = new EventLoopThreadRunner();
      const wait = coroutine(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
      second.run(coroutine(() => 1)());
      try { vm.runInContext('go()', vm.createContext({ go: () => second.run(wait()) }), { timeout: 100 }); } catch { /* cut off */ }
      await new Promise((resolve) => setImmediate(resolve));
      return second.createTask(coroutine(async (token, palitra) => {
        const { EventLoopThreadRunner, coroutine } = await import(palitra);
        return EventLoopThreadRunner.connect(token).run(coroutine(() => 'not blocked')());
      })(token, palitra));
    });
    console.log(first.run(meets(first.share(), import.meta.resolve('palitra'))));
    first.close();`,
      ['not blocked'],
    );
  },
);
