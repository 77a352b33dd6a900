/**
 * The same as `test/leaks/`, at length: `npm run test:leaks`, or after a build
 * `node --expose-gc .build/test/soak/leaks.js [calls] [cycles]`.
 */
import { availableParallelism } from 'node:os';
import { EventLoopThreadRunner } from 'palitra';
import { beginAndEnd, callInTurn, findGrowth, takeLevel, type Level } from '../leaks/mixture.ts';

const [calls = 1_000_000, cycles = 1_000] = process.argv.slice(2).map(Number);
/** Of a heap, altogether: a byte for each call. */
const SLACK_BYTES = 1_000_000;
process.on('warning', () => undefined);

console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} processors`,
);

let growth: string[] = [];

async function compare(title: string, start: Level, end: Level, startedAt: number): Promise<void> {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(`${title}, ${seconds} s`);
  for (const key of Object.keys(start) as (keyof Level)[]) {
    console.log(`  ${key.padEnd(15)} ${String(start[key]).padStart(10)} → ${end[key]}`);
  }
  growth = [...growth, ...findGrowth(start, end, SLACK_BYTES)];
}

{
  const runner = new EventLoopThreadRunner();
  await callInTurn(runner, 20_000);
  const start = await takeLevel(runner);
  const startedAt = performance.now();
  await callInTurn(runner, calls);
  const title = `${calls.toLocaleString('en')} calls with callbacks, handles, timeouts, errors and iterators`;
  await compare(title, start, await takeLevel(runner), startedAt);
  runner.close();
}
{
  for (let n = 0; n < 40; n++) beginAndEnd(n);
  const start = await takeLevel();
  const startedAt = performance.now();
  for (let n = 0; n < cycles; n++) {
    beginAndEnd(n);
    // What is to be collected gets the turns for it, as in any program.
    if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const title = `${cycles.toLocaleString('en')} runners that begin, work and are closed`;
  await compare(title, start, await takeLevel(), startedAt);
}
console.log(growth.length === 0 ? 'nothing is left over' : `LEFT OVER: ${growth.join('; ')}`);
process.exit(growth.length === 0 ? 0 : 1);
