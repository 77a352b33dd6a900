import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { runThreads } from '../support/threads.ts';

const runners = `
  const a = new EventLoopThreadRunner({ name: 'A' });
  const b = new EventLoopThreadRunner({ name: 'B' });
  const c = new EventLoopThreadRunner({ name: 'C' });
  const [tokenA, tokenB, tokenC] = [a.share(), b.share(), c.share()];
  // Found at once, and not by the first of the limits that end other things, after 5 s.
  const attempt = (body) => {
    const began = performance.now();
    try {
      return body();
    } catch (error) {
      return \`\${error.code} \${performance.now() - began < 4_500}\`;
    }
  };
  const [threadA, threadB, threadC] = [a, b, c].map((runner) => runner.run(shared.where()));
`;

/** Each ends at once, with the last thread's number or an error; and afterwards all loop threads work. */
const cases = {
  'A runs on itself': ['a.run(shared.chain([tokenA]))', 'ERR_PALITRA_DEADLOCK true'],
  'A runs on itself, with a timeout': [
    'a.run(shared.chain([tokenA]), { timeout: AN_HOUR })',
    'ERR_PALITRA_DEADLOCK true',
  ],
  'A runs on itself, after an await': [
    'a.run(shared.chainLater([tokenA]))',
    'ERR_PALITRA_DEADLOCK true',
  ],
  'A, B': ['a.run(shared.chain([tokenB])) === threadB', 'true'],
  'A, B, C': ['a.run(shared.chain([tokenB, tokenC])) === threadC', 'true'],
  'A, B, A': ['a.run(shared.chain([tokenB, tokenA]))', 'ERR_PALITRA_DEADLOCK true'],
  'A, B, C, A': ['a.run(shared.chain([tokenB, tokenC, tokenA]))', 'ERR_PALITRA_DEADLOCK true'],
  'A, B, C, B': ['a.run(shared.chain([tokenB, tokenC, tokenB]))', 'ERR_PALITRA_DEADLOCK true'],
  'from a task': [
    'a.createTask(shared.chain([tokenB, tokenA])).result()',
    'ERR_PALITRA_DEADLOCK true',
  ],
  'in a group': [
    'gather([shared.echo(1)]).length + b.gather(shared.chain([tokenA]), shared.echo(1)).length',
    '3',
  ],
};

for (const [title, [code, expected]] of Object.entries(cases)) {
  test(`across runners: ${title}`, async () => {
    const { stdout, stderr, isHung } = await runThreads(
      `${runners}
      console.log(String(attempt(() => ${code})));
      console.log(a.run(shared.echo(1)), b.run(shared.echo(2)), c.run(shared.echo(3)));`,
      {},
    );
    deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
    equal(stdout, `${expected}\n1 2 3\n`);
  });
}

test('A and B that call each other at the same moment: at least one is told, none hangs', async () => {
  const { stdout, stderr, isHung } = await runThreads(
    `${runners}
    a.run(shared.chain([tokenB]));
    b.run(shared.chain([tokenA]));
    let told = 0;
    for (let round = 0; round < 100; round++) {
      const flags = newFlags();
      const tasks = [
        a.createTask(shared.chain([tokenB], flags, 2)),
        b.createTask(shared.chain([tokenA], flags, 2)),
      ];
      const ends = tasks.map((task) => attempt(() => typeof task.result()));
      if (ends.some((end) => end.startsWith('ERR_PALITRA_DEADLOCK'))) told += 1;
      else if (ends.some((end) => end !== 'number')) console.log(ends);
    }
    console.log(told > 0, a.run(shared.echo(1)), b.run(shared.echo(2)));`,
    {},
  );
  deepEqual({ stderr, isHung, stdout }, { stderr: '', isHung: false, stdout: 'true 1 2\n' });
});

test('A that calls B while B’s coroutine waits for its caller’s callback is no deadlock', async () => {
  const { stdout, isHung } = await runThreads(
    `${runners}
    const value = b.run(shared.ask(() => a.run(shared.chain([tokenB]))));
    console.log(value === threadB);`,
    {},
  );
  deepEqual({ isHung, stdout }, { isHung: false, stdout: 'true\n' });
});

test('a thread that is no loop thread may call any of them while they wait', async () => {
  const { stdout, isHung } = await runThreads(
    `${runners}
    const flags = newFlags();
    const worker = start('caller', { tokenA, tokenB, flags });
    await raised(flags, 0);
    console.log(a.run(shared.chain([tokenB])) === threadB);
    await b.createTask(shared.release());
    await worker.done;
    console.log(said.join());`,
    { caller: `say(EventLoopThreadRunner.connect(data.tokenB).run(shared.wait(data.flags)));` },
  );
  deepEqual({ isHung, stdout }, { isHung: false, stdout: 'true\nreleased\n' });
});
