import { test } from 'node:test';
import { equal, match, ok } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const env = { NODE_DEBUG: 'palitra' };

/** The lines that were printed, without the process id. */
function linesOf(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('PALITRA '))
    .map((line) => line.replace(/^PALITRA \d+: /, ''));
}

const ENDING = `
  import { coroutine, coroutines, gather, run, shutdownGlobalRunner } from 'palitra';
  const api = coroutines('./arithmetic.js', import.meta);
  run(api.add(1, 2));
  gather([api.add(1, 2), api.fail('no')], { returnExceptions: true });
  shutdownGlobalRunner();
`;

test('NODE_DEBUG=palitra prints loop threads that start and end, and each call with its outcome and time', async () => {
  const { stderr, code } = await runScript(ENDING, { env });
  equal(code, 0);
  const lines = linesOf(stderr);
  equal(lines[0], 'the loop thread "palitra" was started');
  match(lines[1]!, /^arithmetic\.js#add returned after \d+\.\d ms$/);
  match(lines[2]!, /^arithmetic\.js#add returned after \d+\.\d ms$/);
  match(lines[3]!, /^arithmetic\.js#fail failed with RangeError after \d+\.\d ms$/);
  equal(lines[4], 'the loop thread "palitra" ended with exit code 0');
  equal(lines.length, 5);
});

test('without it, nothing is printed', async () => {
  const { stderr, code } = await runScript(`${ENDING} api.add(1, 2);`, { env: { NODE_DEBUG: '' } });
  equal(code, 0);
  equal(stderr, '');
});

test('it prints that a loop thread has died, and that another one is started in its place', async () => {
  const { stderr, code } = await runScript(
    `
    import { coroutines, run } from 'palitra';
    const { exit } = coroutines('./parking.js', import.meta);
    const { add } = coroutines('./arithmetic.js', import.meta);
    try { run(exit(3)); } catch {}
    run(add(1, 2));
  `,
    { env },
  );
  equal(code, 0);
  const lines = linesOf(stderr);
  match(lines[1]!, /^parking\.js#exit failed with LoopThreadError after /);
  equal(lines[2], 'the loop thread "palitra" ended with exit code 3');
  equal(lines[3], 'the loop thread "palitra" was started, in the place of the one before');
  match(lines[4]!, /^arithmetic\.js#add returned/);
  equal(lines[5], 'the loop thread "palitra" ended with exit code 0');
});

test('it prints that one that computes without end is replaced', async () => {
  const { stderr, code } = await runScript(
    `
    import { coroutine, run } from 'palitra';
    const spin = coroutine(async function spin() { for (;;); });
    try { run(spin(), { timeout: 50 }); } catch {}
    run(coroutine(async function next() {})());
  `,
    { env },
  );
  equal(code, 0);
  const lines = linesOf(stderr);
  match(lines[1]!, /^spin failed with TimeoutError/);
  match(lines[2]!, /^the loop thread "palitra" is replaced: .*"spin"/);
  ok(lines.includes('the loop thread "palitra" was started, in the place of the one before'));
});

test('a coroutine that was made and never run is told at the latest when the process ends, with its line', async () => {
  const { stderr, code } = await runScript(
    `
    import { coroutines, createTask, gather, iterate, run, start } from 'palitra';
    const api = coroutines('./arithmetic.js', import.meta);
    run(api.add(1, 2));
    await createTask(api.add(1, 2));
    gather(api.add(1, 2));
    function save() { api.double(1); }
    save();
  `,
    { env },
  );
  equal(code, 0);
  const told = linesOf(stderr).filter((line) => line.includes('never run'));
  equal(told.length, 1, stderr);
  match(told[0]!, /^arithmetic\.js#double was made in save \(.*main\.mjs:7:\d+\) and never run/);
});

test('it is told earlier when it is collected', async () => {
  const { stderr, code, isHung } = await runScript(
    `
    import { coroutines } from 'palitra';
    const api = coroutines('./arithmetic.js', import.meta);
    (() => { for (let n = 0; n < 100; n++) api.double(n); })();
    const before = process.stderr.write;
    let told = 0;
    process.stderr.write = function (...args) {
      if (String(args[0]).includes('never run')) told++;
      return before.apply(this, args);
    };
    while (told === 0) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    process.stderr.write('told while it runs\\n');
  `,
    { env, nodeArgs: ['--expose-gc'] },
  );
  equal(isHung, false);
  equal(code, 0);
  match(stderr, /never run[\s\S]*told while it runs/);
});
