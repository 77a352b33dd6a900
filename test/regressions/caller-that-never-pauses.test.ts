/**
 * The loop thread used to carry out all that a caller had sent before it turned to anything else: one that
 * sent without a break kept the timers and sockets of the loop, and all other callers, waiting.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

const CALLS = 2_000;

/** While the first call computes, all the others arrive. */
const flood = `
  const api = coroutines(new URL('data:text/javascript,' + encodeURIComponent(\`
    let calls = 0;
    let ticks = 0;
    export const tick = async () => void setInterval(() => (ticks += 1), 1);
    export const compute = async (ms) => {
      calls += 1;
      for (const end = performance.now() + ms; performance.now() < end; );
      return ticks;
    };
    export const countCalls = async () => calls;\`)));
  const sendAtOnce = (runner) => {
    const first = runner.createTask(api.compute(300));
    const tasks = Array.from({ length: ${CALLS} }, () => runner.createTask(api.compute(0.1)));
    return { first, last: tasks.at(-1) };
  };
`;

test('timers of the loop thread fire while thousands of calls are waiting for it', async () => {
  const { stdout, stderr, isHung } = await runThreads(
    `${flood}
    const runner = new EventLoopThreadRunner();
    runner.run(api.tick());
    const { first, last } = sendAtOnce(runner);
    const ticks = -first.result() + last.result();
    console.log(ticks > 50 || ticks);
    process.exit();`,
    {},
  );
  deepEqual({ stdout, stderr, isHung }, { stdout: 'true\n', stderr: '', isHung: false });
});

test('a caller has its turn while thousands of calls of another one are waiting', async () => {
  const { stdout, stderr, isHung } = await runThreads(
    `${flood}
    const flags = newFlags();
    const runner = new EventLoopThreadRunner();
    const worker = start('caller', { token: runner.share(), flags });
    await raised(flags, 0);
    const { last } = sendAtOnce(runner);
    Atomics.store(flags, 1, 1);
    last.result();
    await worker.done;
    await sleep(0);
    console.log(said[0] < ${CALLS} || said[0]);`,
    {
      caller: `${flood}
        const db = EventLoopThreadRunner.connect(data.token);
        db.run(api.countCalls());
        Atomics.store(data.flags, 0, 1);
        while (Atomics.load(data.flags, 1) === 0);
        say(db.run(api.countCalls()));`,
    },
  );
  deepEqual({ stdout, stderr, isHung }, { stdout: 'true\n', stderr: '', isHung: false });
});
