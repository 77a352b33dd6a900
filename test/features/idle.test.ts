import { test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** Runs a script that prints one number. */
async function measure(body: string): Promise<number> {
  const { stdout, code, stderr } = await runScript(`
    import { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, run } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const parking = coroutines('./parking.js', import.meta);
    const sleep = coroutine(async (ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    const here = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const warmUp = (runner) => {
      for (let index = 0; index < 1_000; index++) runner.run(arithmetic.echo(index));
      runner.run(sleep(50));
    };
    warmUp({ run });
    ${body}`);
  equal(code, 0, stderr);
  return Number(stdout);
}

const WINDOW_MS = 600;
const idle = `await here(${WINDOW_MS});`;
const quiet: readonly (readonly [who: string, before: string, during: string])[] = [
  ['an idle runner', '', idle],
  [
    'an idle runner that was busy with tasks',
    `await Promise.all(Array.from({ length: 500 }, (_, index) => createTask(arithmetic.echo(index))));
    await here(50);`,
    idle,
  ],
  [
    'a runner with tasks that wait',
    `for (let index = 0; index < 20; index++) createTask(parking.park());
    run(sleep(50));`,
    idle,
  ],
  [
    'an idle runner beside two others',
    'const runners = [new EventLoopThreadRunner(), new EventLoopThreadRunner()]; runners.forEach(warmUp);',
    idle,
  ],
  ['a caller blocked in run', '', `run(sleep(${WINDOW_MS}));`],
  ['a caller blocked in run, with a timeout', '', `run(sleep(${WINDOW_MS}), { timeout: 9_999 });`],
  ['a caller blocked in gather', '', `gather(sleep(${WINDOW_MS}), sleep(1));`],
  ['a caller blocked for a task', '', `createTask(sleep(${WINDOW_MS})).result();`],
  ['a caller that awaits a task', '', `await createTask(sleep(${WINDOW_MS}));`],
];

for (const [who, before, during] of quiet) {
  test(`${who} uses no processor time`, async () => {
    const share = await measure(`
      ${before}
      const usedMs = () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1_000;
      };
      const [used, start] = [usedMs(), performance.now()];
      ${during}
      console.log((usedMs() - used) / (performance.now() - start));
      process.exit();`);
    ok(share < 0.15, `${share} of the time`);
  });
}

const busy: Record<string, string> = {
  'hot calls': 'run(arithmetic.echo(1));',
  'hot calls while another coroutine waits': 'run(arithmetic.echo(1));',
  'hot groups': 'gather(arithmetic.echo(1), arithmetic.echo(2));',
  'hot tasks': 'createTask(arithmetic.echo(1)).result();',
};

for (const [what, call] of Object.entries(busy)) {
  test(`the loop’s own 1 ms interval goes on during ${what}`, async () => {
    const ticks = await measure(`
      const begin = coroutine(async () => {
        globalThis.ticks = 0;
        setInterval(() => { globalThis.ticks += 1; }, 1);
      });
      const end = coroutine(async () => globalThis.ticks);
      ${what.includes('waits') ? 'createTask(parking.park()); run(arithmetic.add(1, 2));' : ''}
      run(begin());
      const deadline = performance.now() + 300;
      while (performance.now() < deadline) ${call}
      console.log(run(end()));
      process.exit();`);
    ok(ticks >= 20, `${ticks} ticks in 300 ms`);
  });
}
