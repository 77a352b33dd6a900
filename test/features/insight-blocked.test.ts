import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { coroutines, EventLoopThreadRunner, type BlockedInfo } from 'palitra';
import { runScript } from '../support/child.ts';
import { awaitFlag, createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const THRESHOLD = 100;
/** How long it is blocked for, and what of that is seen: a tenth of the threshold may be missing. */
const BLOCKED_FOR = 300;
const SEEN_FOR = BLOCKED_FOR - THRESHOLD / 10;

const busy = coroutines<typeof import('../fixtures/busy.ts')>('../fixtures/busy.js', import.meta);
const never = coroutines<typeof import('../fixtures/never.ts')>(
  '../fixtures/never.js',
  import.meta,
);
const computeOnImport = coroutines<{ nothing(): void }>(
  `data:text/javascript,for (const end = performance.now() + ${BLOCKED_FOR}; performance.now() < end;); export const nothing = () => {};`,
);

/** Everything that can keep the loop from turning, and which coroutine that was. */
const blockings: Record<
  string,
  { name: RegExp; block: (runner: EventLoopThreadRunner) => unknown }
> = {
  'before its first await': {
    name: /^\S*busy\.js#computeFor$/,
    block: (runner) => runner.run(busy.computeFor(BLOCKED_FOR)),
  },
  'after an await': {
    name: /^\S*busy\.js#computeLater$/,
    block: (runner) => runner.run(busy.computeLater(BLOCKED_FOR)),
  },
  'and then throws': {
    name: /^\S*busy\.js#computeAndFail$/,
    block: (runner) =>
      throws(() => runner.run(busy.computeAndFail(BLOCKED_FOR)), new RangeError('computed')),
  },
  'by stopping the thread': {
    name: /^\S*busy\.js#nap$/,
    block: (runner) => runner.run(busy.nap(BLOCKED_FOR)),
  },
  'between two items': {
    name: /^\S*busy\.js#computeItems$/,
    block: (runner) => [...runner.iterate(busy.computeItems(BLOCKED_FOR))],
  },
  'as a task': {
    name: /^\S*busy\.js#computeLater$/,
    block: (runner) => runner.createTask(busy.computeLater(BLOCKED_FOR)).result(),
  },
  'in a group': {
    name: /^\S*busy\.js#computeFor$/,
    block: (runner) => runner.gather(busy.computeFor(BLOCKED_FOR), busy.sleepFor(0, 0)),
  },
  'when nobody waits for it any more': {
    name: /^\S*busy\.js#computeFor$/,
    block: (runner) =>
      throws(() => runner.run(busy.computeFor(BLOCKED_FOR), { timeout: 1 }), {
        name: 'TimeoutError',
      }),
  },
  'as its module is imported': {
    name: /#nothing$/,
    block: (runner) => runner.run(computeOnImport.nothing()),
  },
};

for (const [how, { name, block }] of Object.entries(blockings)) {
  test(`onBlocked is told which coroutine kept the loop from turning, and for how many milliseconds: ${how}`, async () => {
    const infos: BlockedInfo[] = [];
    const onBlocked = (info: BlockedInfo): void => void infos.push(info);
    using runner = new EventLoopThreadRunner({ blockedThreshold: THRESHOLD, onBlocked });
    runner.run(busy.computeFor(0));
    infos.length = 0;
    const start = performance.now();
    block(runner);
    // The report of a timer, which comes after what was blocked has ended.
    // On a busy machine the thread may have stood still for other reasons as well.
    let info: BlockedInfo | undefined;
    await turnUntil(runner, () => {
      info = infos.find((one) => name.test(one.name) && one.ms >= SEEN_FOR);
      return info !== undefined;
    });
    const elapsedMs = performance.now() - start;
    deepEqual(Object.keys(info!).sort(), ['ms', 'name']);
    ok(info!.ms <= elapsedMs + 1, `${info!.ms} ms of ${elapsedMs}`);
  });
}

async function turnUntil(runner: EventLoopThreadRunner, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('not so after a minute');
    await runner.createTask(busy.sleepFor(1, 0));
  }
}

/** Of the first report that is long enough: on a busy machine the thread may have stood still before as well. */
async function namesOfTheBlocked(
  runner: EventLoopThreadRunner,
  infos: readonly BlockedInfo[],
): Promise<string[]> {
  let info: BlockedInfo | undefined;
  await turnUntil(runner, () => {
    info = infos.find(({ ms }) => ms >= SEEN_FOR);
    return info !== undefined;
  });
  return info!.name.split(' or ').map((name) => name.replace(/.*#/, ''));
}

test('where it cannot be told which of several it was, all of them are named', async () => {
  const infos: BlockedInfo[] = [];
  using runner = new EventLoopThreadRunner({
    blockedThreshold: THRESHOLD,
    onBlocked: (info) => infos.push(info),
  });
  const task = runner.createTask(busy.sleepFor(3_600_000, 0));
  runner.run(busy.computeLater(BLOCKED_FOR));
  const names = await namesOfTheBlocked(runner, infos);
  deepEqual(names.sort(), ['computeLater', 'sleepFor']);
  task.cancel();
});

test('what comes while the loop is blocked is not blamed for it', async () => {
  const infos: BlockedInfo[] = [];
  using runner = new EventLoopThreadRunner({
    blockedThreshold: THRESHOLD,
    onBlocked: (info) => infos.push(info),
  });
  const flags = createFlags();
  runner.createTask(busy.computeLater(BLOCKED_FOR, flags));
  awaitFlag(flags, 0);
  runner.run(busy.sleepFor(1, 0));
  deepEqual(await namesOfTheBlocked(runner, infos), ['computeLater']);
});

test('a coroutine that waits keeps nothing from turning, and nor does its caller', async () => {
  const infos: BlockedInfo[] = [];
  using runner = new EventLoopThreadRunner({
    blockedThreshold: 2_000,
    onBlocked: (info) => infos.push(info),
  });
  const nap = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
  runner.run(never.call(nap));
  runner.run(busy.sleepFor(2_500, 0));
  await runner.createTask(busy.sleepFor(1, 0));
  deepEqual(infos, []);
});

test('without a threshold nobody looks', async () => {
  const infos: BlockedInfo[] = [];
  using runner = new EventLoopThreadRunner({ onBlocked: (info) => infos.push(info) });
  runner.run(busy.computeFor(BLOCKED_FOR));
  runner.run(busy.computeLater(BLOCKED_FOR));
  await runner.createTask(busy.sleepFor(1, 0));
  deepEqual(infos, []);
});

test('onBlocked is called while this thread is blocked, and may itself call run', () => {
  const answers: unknown[] = [];
  using runner = new EventLoopThreadRunner({
    blockedThreshold: THRESHOLD,
    onBlocked: () => answers.push(runner.run(busy.sleepFor(1, 'nested'))),
  });
  equal(runner.run(busy.computeFor(BLOCKED_FOR)), 'computed');
  deepEqual([...new Set(answers)], ['nested']);
});

test('by default it is a process warning', async (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => undefined);
  using runner = new EventLoopThreadRunner({ name: 'db', blockedThreshold: THRESHOLD });
  runner.run(busy.computeFor(BLOCKED_FOR));
  ok(warnings.mock.callCount() > 0);
  for (const call of warnings.mock.calls) {
    const [text, options] = call.arguments as unknown as [string, object];
    match(
      text,
      /^The coroutine \S*busy\.js#computeFor kept the loop thread "db" from turning for \d+ ms\.$/,
    );
    deepEqual(options, { type: 'PalitraWarning', code: 'PALITRA_LOOP_BLOCKED' });
  }
});

test('the warning is on stderr, and the program goes on', async () => {
  const { code, stdout, stderr } = await runScript(`
    import { coroutines, EventLoopThreadRunner } from 'palitra';
    const busy = coroutines('./busy.js', import.meta);
    const runner = new EventLoopThreadRunner({ blockedThreshold: ${THRESHOLD} });
    console.log(runner.run(busy.computeFor(${BLOCKED_FOR})));`);
  deepEqual({ code, stdout }, { code: 0, stdout: 'computed\n' });
  match(stderr, /\[PALITRA_LOOP_BLOCKED\] PalitraWarning: The coroutine busy\.js#computeFor kept/);
});

for (const [option, block] of [
  ['onBlocked', 'runner.run(busy.computeFor(300))'],
  ['onUnhandledError', 'runner.run(failLater()), runner.run(busy.sleepFor(20, "computed"))'],
] as const) {
  test(`what ${option} throws is an uncaught exception, and does not reach the call that waits`, async () => {
    const { code, stdout, stderr, isHung } = await runScript(`
      import { coroutine, coroutines, EventLoopThreadRunner } from 'palitra';
      const busy = coroutines('./busy.js', import.meta);
      const failLater = coroutine(async () => { setTimeout(() => { throw new Error('late'); }, 1); });
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const runner = new EventLoopThreadRunner({
        blockedThreshold: ${THRESHOLD},
        onBlocked() {},
        ${option}() { throw new Error('of the listener'); },
      });
      console.log(${block}, runner.getLoop().stats().inFlight);
      setImmediate(() => runner.close());`);
    const expected = /^(undefined )?computed 0\n(uncaught of the listener\n)+$/;
    match(stdout, expected);
    deepEqual({ code, stderr, isHung }, { code: 0, stderr: '', isHung: false });
  });
}

test('palitra:blocked gets what onBlocked gets, from every runner with a threshold', () => {
  const published: unknown[] = [];
  const told: unknown[] = [];
  const listener = (message: unknown): void => void published.push(message);
  diagnostics.subscribe('palitra:blocked', listener);
  try {
    using runner = new EventLoopThreadRunner({
      blockedThreshold: THRESHOLD,
      onBlocked: (info) => told.push(info),
    });
    runner.run(busy.computeFor(BLOCKED_FOR));
  } finally {
    diagnostics.unsubscribe('palitra:blocked', listener);
  }
  ok(told.length > 0);
  deepEqual(published, told);
});

test('a coroutine that can never settle is found all the same, and an idle process ends', async () => {
  const { code, stdout, isHung } = await runScript(`
    import { coroutines, EventLoopThreadRunner } from 'palitra';
    const never = coroutines('./never.js', import.meta);
    const runner = new EventLoopThreadRunner({ blockedThreshold: 1 });
    runner.run(never.call(() => 0));
    try { runner.run(never.wait()); } catch (error) { console.log(error.code); }`);
  deepEqual(
    { code, stdout, isHung },
    { code: 0, stdout: 'ERR_PALITRA_NEVER_SETTLED\n', isHung: false },
  );
});
