/** What the platform does with threads, as a program that uses palitra meets it. docs/runtimes.md has it in a table. */
import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { coroutines, EventLoopThreadRunner } from 'palitra';
import { locks } from '../fixtures/locks.ts';
import { runScript } from '../support/child.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

test('the time zone of this thread is that of the loop thread once it is set there as well', async () => {
  const { stdout, stderr } = await runScript(
    `import { coroutine, run } from 'palitra';
    const hours = coroutine(async () => new Date(0).getHours());
    const adopt = coroutine(async () => { process.env.TZ = process.env.TZ; });
    run(hours());
    process.env.TZ = 'Asia/Tokyo';
    run(adopt());
    console.log(run(hours()), new Date(0).getHours());`,
    { env: { ...process.env, TZ: 'UTC' } },
  );
  equal(stdout.trim(), '9 9', stderr);
});

test('relative paths on the loop thread follow process.chdir() of the main thread', async () => {
  const { stdout, stderr } = await runScript(
    `import { coroutines, run } from 'palitra';
    import { mkdirSync, writeFileSync } from 'node:fs';
    const fs = coroutines('node:fs/promises');
    process.chdir(import.meta.dirname);
    mkdirSync('elsewhere');
    writeFileSync('elsewhere/file.txt', 'found');
    run(fs.stat('elsewhere'));
    process.chdir('elsewhere');
    console.log(run(fs.readFile('file.txt', 'utf8')));`,
  );
  equal(stdout.trim(), 'found', stderr);
});

const { hold, want } = coroutines<typeof import('../fixtures/locks.ts')>(
  '../fixtures/locks.js',
  import.meta,
);
const skip = locks === undefined ? 'there are no Web Locks here' : false;

test('a coroutine that waits for a Web Lock of another thread is left alone', { skip }, () => {
  using holder = new EventLoopThreadRunner();
  using other = new EventLoopThreadRunner();
  holder.start(hold('plain', 400));
  equal(other.run(want('plain', false)), 'got it');
});

test('with a timer, a timeout, or neverSettled: wait, it gets the lock', { skip }, () => {
  using holder = new EventLoopThreadRunner();
  using other = new EventLoopThreadRunner();
  using patient = new EventLoopThreadRunner({ neverSettled: 'wait' });
  holder.start(hold('timer', 200));
  equal(other.run(want('timer', true)), 'got it');
  holder.start(hold('timeout', 200));
  equal(other.run(want('timeout', false), { timeout: 60_000 }), 'got it');
  holder.start(hold('wait', 200));
  equal(patient.run(want('wait', false)), 'got it');
});

test('a timeout holds while the loop thread is at a breakpoint', async () => {
  const { stdout, stderr } = await runScript(
    `import { coroutine, run } from 'palitra';
    import { once } from 'node:events';
    import { Session } from 'node:inspector';
    // What comes from a session alone does not keep the process.
    const alive = setInterval(() => undefined, 1_000);
    const session = new Session();
    session.connect();
    const post = (method, params) => new Promise((resolve) => session.post(method, params, resolve));
    const attached = once(session, 'NodeWorker.attachedToWorker');
    await post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    const answer = coroutine(async () => 42);
    console.log(run(answer()));
    const [{ params: { sessionId } }] = await attached;
    const told = once(session, 'NodeWorker.receivedMessageFromWorker');
    const tell = (id, method) =>
      post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method }) });
    await tell(1, 'Debugger.enable');
    await told;
    const stop = coroutine(async () => { debugger; });
    try {
      run(stop(), { timeout: 100 });
    } catch (error) {
      console.log(error.name);
    }
    await tell(2, 'Debugger.resume');
    console.log(run(answer(), { timeout: 60_000 }));
    session.disconnect();
    clearInterval(alive);`,
    { limitMs: 120_000 },
  );
  equal(stdout.trim(), '42\nTimeoutError\n42', stderr);
});
