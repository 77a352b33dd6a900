/** Signals do what they do without palitra, and a program may combine them with its clean-up. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { runScript, type Outcome } from '../support/child.ts';

const prelude = `
  import { coroutines, createTask, run, shutdownGlobalRunner } from 'palitra';
  const parking = coroutines('./parking.js', import.meta);
  const shutdown = coroutines('./shutdown.js', import.meta);
  run(shutdown.printAtEnd('cleaned up'));
  createTask(shutdown.printWhenAborted('aborted by'));
  run(parking.soon(1));
`;

/** Where the program is when the signal comes. */
const states = {
  'blocked in run': "console.log('ready'); run(parking.park());",
  'in code of its own': "console.log('ready'); setInterval(() => {}, 1_000);",
  'awaiting a task': "console.log('ready'); await createTask(parking.park());",
};

async function send(signal: NodeJS.Signals, script: string, isLate = false): Promise<Outcome> {
  let isSent = false;
  return runScript(prelude + script, {
    onOutput: (text: string, child: ChildProcessWithoutNullStreams) => {
      if (isSent || !text.includes('ready')) return;
      isSent = true;
      child.stdin.end();
      // Deno reports a child that was sent a signal by `child.kill()` as ended by it, whatever it did.
      const kill = (): boolean => process.kill(child.pid!, signal);
      if (isLate) setTimeout(kill, 50);
      else kill();
    },
  });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  for (const [state, script] of Object.entries(states)) {
    test(`${signal} ends a process ${state} at once, as one without palitra`, async () => {
      const { code, signal: by, stdout, stderr, isHung } = await send(signal, script);
      // The default of a signal runs no \`exit\` handler, so nothing is cleaned up either.
      deepEqual(
        { code, by, stdout, stderr, isHung },
        { code: null, by: signal, stdout: 'ready\n', stderr: '', isHung: false },
      );
    });
  }

  test(`a listener of ${signal} that calls process.exit() has the clean-up awaited`, async () => {
    const { code, stdout, stderr, isHung } = await send(
      signal,
      `process.once('${signal}', () => process.exit(7));
      ${states['awaiting a task']}`,
    );
    deepEqual(
      { code, stdout, stderr, isHung },
      {
        code: 7,
        stdout: 'ready\naborted by CancelledError\ncleaned up\n',
        stderr: '',
        isHung: false,
      },
    );
  });

  test(`with a listener of ${signal}, a blocked run is ended by its timeout, and the listener comes then`, async () => {
    const { code, stdout, isHung } = await send(
      signal,
      `process.once('${signal}', () => process.exit(7));
      console.log('ready');
      try { run(parking.park(), { timeout: 400 }); } catch (error) { console.log(error.name); }
      setInterval(() => {}, 1_000);`,
      true,
    );
    deepEqual(
      { code, stdout, isHung },
      {
        code: 7,
        stdout: 'ready\nTimeoutError\naborted by CancelledError\ncleaned up\n',
        isHung: false,
      },
    );
  });

  test(`a listener of ${signal} may close the runner, and raise the signal again`, async () => {
    const {
      code,
      signal: by,
      stdout,
      isHung,
    } = await send(
      signal,
      `process.once('${signal}', () => {
        shutdownGlobalRunner();
        process.kill(process.pid, '${signal}');
      });
      console.log('ready');
      setInterval(() => {}, 1_000);`,
    );
    deepEqual(
      { code, by, stdout, isHung },
      {
        code: null,
        by: signal,
        stdout: 'ready\naborted by CancelledError\ncleaned up\n',
        isHung: false,
      },
    );
  });
}

test('palitra adds no listener of a signal', async () => {
  const { stdout } = await runScript(`${prelude}
    const signals = process.eventNames().filter((name) => String(name).startsWith('SIG'));
    console.log(JSON.stringify(signals));
    shutdownGlobalRunner();`);
  deepEqual(stdout, 'aborted by CancelledError\ncleaned up\n'.replace(/^/, '[]\n'));
});
