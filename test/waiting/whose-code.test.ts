/** Whose code keeps a loop thread from turning decides whether it is replaced. */
import { test } from 'node:test';
import { prints } from './programs.ts';

const WARNINGS = `
  const warnings = [];
  process.removeAllListeners('warning');
  process.on('warning', ({ code }) => warnings.push(code));
  run(setState('kept'));
`;

for (const [title, giveUp] of [
  [
    'a task that is cancelled',
    'const other = createTask(nap(60_000)); other.catch(() => undefined); start_(); other.cancel();',
  ],
  ['a timeout', 'start_(); attempt(() => run(nap(60_000), { timeout: 50 }));'],
  [
    'a gather that fails',
    'start_(); attempt(() => gather([nap(60_000), nap(60_000)], { timeout: 50 }));',
  ],
] as const) {
  test(`a computation that nobody has given up is waited for after ${title}, and keeps its loop thread`, async () => {
    await prints(
      `${WARNINGS}
      let right;
      const start_ = () => { right = createTask(computes(1_500)); };
      ${giveUp}
      console.log(run(getState()), right.result(), warnings.length);`,
      ['kept computed 0'],
    );
  });
}

test('a call behind a right computation keeps its own timeout', async () => {
  await prints(
    `${WARNINGS}
    const right = createTask(computes(1_500));
    attempt(() => run(nap(60_000), { timeout: 50 }));
    console.log(attempt(() => run(getState(), { timeout: 100 })), right.result(), run(getState()));`,
    ['TimeoutError computed kept'],
  );
});

test('a computation that was given up costs its loop thread', async () => {
  await prints(
    `${WARNINGS}
    const [first, firstMs] = timed(() => run(computes(60_000), { timeout: 100 }));
    const [next, nextMs] = timed(() => run(getState()));
    await new Promise((resolve) => setImmediate(resolve));
    console.log(first, next, nextMs >= 300 && nextMs < 20_000, warnings.join());`,
    ['TimeoutError undefined true PALITRA_LOOP_REPLACED'],
  );
});

test('after an await it cannot be known whose code runs: it has five seconds', async () => {
  await prints(
    `${WARNINGS}
    const later = coroutine(async (ms) => { await null; for (const end = performance.now() + ms; performance.now() < end;); });
    attempt(() => run(later(2_000), { timeout: 100 }));
    console.log(run(getState()));
    attempt(() => run(later(60_000), { timeout: 100 }));
    const [next, ms] = timed(() => run(getState()));
    console.log(next, ms >= 4_500, warnings.length);`,
    ['kept', 'undefined true 0'],
  );
});

test('while an inspector is open nothing is replaced: it may stand at a breakpoint', async () => {
  await prints(
    `${WARNINGS}
    import inspector from 'node:inspector';
    inspector.open(0, '127.0.0.1');
    attempt(() => run(computes(1_500), { timeout: 100 }));
    console.log(run(getState()), warnings.length);
    inspector.close();`,
    ['kept 0'],
    // Bun and Deno say where it listens.
    { nodeArgs: ['--inspect-publish-uid=http'], mayWarn: true },
  );
});

test('a process ends soon although a computation goes on that was given up', async () => {
  await prints(
    `attempt(() => run(computes(60_000), { timeout: 100 }));
    const [, ms] = timed(() => globalThis[Symbol.for('palitra.globalRunner')].close());
    console.log(ms < 4_000);`,
    ['true'],
  );
});
