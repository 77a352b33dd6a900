/**
 * A getter among the arguments closed the runner, or lost its loop thread, while the call was being written:
 * the call went out on a channel that nobody reads, and its task never settled.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

const deeds = {
  'closes the runner': ['runner.close();', 'CancelledError'],
  'lets the loop thread exit': ['try { runner.run(die()); } catch {}', 'LoopThreadError'],
} as const;

for (const [what, [deed, expected]] of Object.entries(deeds)) {
  test(`a task whose argument ${what} while it is read is refused at once`, async () => {
    const { stdout, isHung, code } = await runScript(`
      import { coroutine, EventLoopThreadRunner } from 'palitra';
      const echo = coroutine(async (value) => value);
      const die = coroutine(async () => process.exit(3));
      const runner = new EventLoopThreadRunner();
      runner.run(echo(1));
      try {
        await runner.createTask(echo({ get a() { ${deed} return 1; } }));
      } catch (error) {
        console.log(error.name);
      }`);
    deepEqual({ stdout, isHung, code }, { stdout: `${expected}\n`, isHung: false, code: 0 });
  });
}

test('a connected runner that is closed by a getter gives its channel back', async () => {
  const { stdout, stderr, isHung } = await runScript(`
    import { coroutine, EventLoopThreadRunner } from 'palitra';
    const echo = coroutine(async (value) => value);
    const never = coroutine(async () => new Promise(() => {}));
    const nameOf = (body) => { try { return body(); } catch (error) { return error.name; } };
    const owner = new EventLoopThreadRunner();
    const connected = EventLoopThreadRunner.connect(owner.share());
    connected.run(echo(1));
    console.log(nameOf(() => connected.run(echo({ get a() { connected.close(); return 1; } }))));
    // As long as a channel is there whose caller may call, the loop waits.
    console.log(nameOf(() => owner.run(never(), { timeout: 1 })), nameOf(() => owner.run(never())));`);
  deepEqual(
    { stdout, stderr, isHung },
    { stdout: 'CancelledError\nTimeoutError NeverSettledError\n', stderr: '', isHung: false },
  );
});
