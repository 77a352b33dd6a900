import { test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { runScript } from '../support/child.ts';
import { createProject } from '../support/project.ts';

const prelude = `
  import { coroutine, coroutines, createTask, run } from 'palitra';
  const output = coroutines('./output.js', import.meta);
`;

function lines(prefix: string, count: number, width = 0): string {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`.padEnd(width, '.'))
    .map((line) => `${line}\n`)
    .join('');
}

for (const way of [
  'console.log',
  'process.stdout.write',
  'console.error',
  'process.stderr.write',
]) {
  test(`what ${way} writes on the loop thread shows at once, while the caller is blocked`, async () => {
    // The coroutine ends when it is answered, and is answered when its words have been seen.
    const { code, stdout, stderr, isHung } = await runScript(
      `${prelude}
      console.log(run(output.ask('${way}', 'ready?')));`,
      {
        onOutput: (text, child) => {
          if (text.includes('ready?')) child.stdin.end('yes');
        },
      },
    );
    const isError = /err/.test(way);
    deepEqual(
      { code, stdout, stderr, isHung },
      {
        code: 0,
        stdout: isError ? 'yes\n' : 'ready?\nyes\n',
        stderr: isError ? 'ready?\n' : '',
        isHung: false,
      },
    );
  });
}

test('what both threads write comes in the order in which they wrote it', async () => {
  const { stdout } = await runScript(`${prelude}
    for (let index = 0; index < 300; index += 3) {
      console.log(String(index));
      run(output.print(String(index + 1)));
      process.stdout.write(String(index + 2) + '\\n');
    }`);
  equal(stdout, lines('', 300));
});

test('stdout and stderr of both threads come in order, into a file as well', async () => {
  const project = await createProject({
    'main.mjs': `
      import { coroutines, run } from 'palitra';
      const output = coroutines('../output.js', import.meta);
      for (let index = 0; index < 100; index += 4) {
        console.log(String(index));
        run(output.complain(String(index + 1)));
        console.error(String(index + 2));
        run(output.print(String(index + 3)));
      }`,
  });
  const file = openSync(project.path('output'), 'a');
  try {
    const { status } = spawnSync(process.execPath, [project.path('main.mjs')], {
      stdio: ['ignore', file, file],
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    equal(status, 0);
    equal(readFileSync(project.path('output'), 'utf8'), lines('', 100));
  } finally {
    closeSync(file);
    await project.remove();
  }
});

test('what a task writes while nobody is blocked comes in order', async () => {
  const { code, stdout } = await runScript(`${prelude}
    await createTask(output.printMany('task ', 100));
    console.log('end');`);
  deepEqual({ code, stdout }, { code: 0, stdout: `${lines('task ', 100)}end\n` });
});

test('every way to write to a stream works', async () => {
  const { code, stdout, stderr } = await runScript(`${prelude}run(output.writeInEveryWay());`);
  deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const x = 'x'.repeat(100_000);
  equal(
    stdout.replace('\ufffd', '?'),
    `text ü\nbytes ü\nhex\nlatin1 ?\ncorked 1\ncorked 2\nwith a callback\n${x}\nformatted and 1\n`,
  );
});

const exits: Record<string, { readonly script: string; readonly stdout: string }> = {
  'process.exit() on the caller': {
    script: "run(output.printMany('', 300)); process.exit(0);",
    stdout: lines('', 300),
  },
  'process.exit() on the loop thread': {
    script: `
      try { run(output.printManyAndExit('', 300)); } catch (error) { console.log(error.code); }
      process.exit(0);`,
    stdout: `${lines('', 300)}ERR_PALITRA_LOOP_DIED\n`,
  },
  'the end of a program that does not wait for its task': {
    script: "run(output.print()); createTask(output.printMany('', 300)); run(output.print());",
    stdout: lines('', 300),
  },
  'process.exit() with a coroutine that writes when it is aborted': {
    script: "createTask(output.printWhenAborted('aborted')); run(output.print()); process.exit(0);",
    stdout: 'aborted\n',
  },
};

for (const [exit, { script, stdout: expected }] of Object.entries(exits)) {
  for (const readsSlowly of [false, true]) {
    test(`at ${exit} nothing that was written is lost${readsSlowly ? ', though it is read slowly' : ''}`, async () => {
      const { code, stdout, stderr, isHung } = await runScript(`${prelude}${script}`, {
        readsSlowly,
      });
      deepEqual(
        { code, stdout, stderr, isHung },
        { code: 0, stdout: expected, stderr: '', isHung: false },
      );
    });
  }
}

const streams = {
  stdout: { log: 'console.log', many: 'printMany' },
  stderr: { log: 'console.error', many: 'complainMany' },
};
for (const [stream, { log, many }] of Object.entries(streams)) {
  test(`a full pipe is waited for: a slow reader of ${stream} gets everything, in order`, async () => {
    // What the caller writes first makes the pipe one that refuses (EAGAIN) instead of blocking.
    const { code, stdout, stderr, isHung } = await runScript(
      `${prelude}
      ${log}('begin');
      run(output.${many}('loop ', 5_000, 100));
      run(output.${many}('long ', 2, 300_000));
      ${log}('end');
      process.exit(0);`,
      { readsSlowly: true },
    );
    const [taken, other] = stream === 'stdout' ? [stdout, stderr] : [stderr, stdout];
    deepEqual({ code, other, isHung }, { code: 0, other: '', isHung: false });
    ok(taken === `begin\n${lines('loop ', 5_000, 100)}${lines('long ', 2, 300_000)}end\n`);
  });
}

test('two full pipes are waited for in one call: each slow reader gets everything, in order', async () => {
  const { code, stdout, stderr, isHung } = await runScript(
    `${prelude}
    console.log('begin');
    console.error('begin');
    run(output.alternate(5_000, 100));
    process.exit(0);`,
    { readsSlowly: true },
  );
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  ok(stdout === `begin\n${lines('out ', 5_000, 100)}`);
  ok(stderr === `begin\n${lines('error ', 5_000, 100)}`);
});

test('output that nobody reads any more ends neither the coroutine nor the loop thread', async () => {
  const { code, stderr, isHung } = await runScript(
    `${prelude}
    run(output.ask('console.log', 'ready?'));
    run(output.printMany('loop ', 10_000, 100));
    run(output.complain('still here'));`,
    {
      onOutput: (_, child) => {
        child.stdout.once('close', () => child.stdin.end('gone')).destroy();
      },
    },
  );
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  equal(stderr, 'still here\n');
});
