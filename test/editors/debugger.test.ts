import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { debug, type Session } from './debugger.ts';
import { createProject, type Project } from '../support/project.ts';

const MODULE = `let calls = 0;
export async function work(n) {
  calls += 1;
  const doubled = 2 * n;
  return [doubled, calls];
}
`;
const BREAKPOINT_LINE = 4; // counted from 0: the return

/** Runs until the thread stands at a breakpoint, and says where, with the value of an expression there. */
function whenPaused(
  session: Session,
  expression: string,
): Promise<{ readonly where: string; readonly value: unknown }> {
  return new Promise((resolve) => {
    session.on('Debugger.paused', ({ callFrames }) => {
      const [{ callFrameId, functionName, location }] = callFrames as [
        { callFrameId: string; functionName: string; location: { lineNumber: number } },
      ];
      void session
        .send('Debugger.evaluateOnCallFrame', { callFrameId, expression })
        .then(({ result }) =>
          resolve({ where: `${functionName}:${location.lineNumber}`, value: result['value'] }),
        );
    });
  });
}

/** As an editor does it with a thread that has started and waits. */
async function setBreakpoint(session: Session): Promise<void> {
  await session.send('Runtime.enable');
  await session.send('Debugger.enable');
  await session.send('Debugger.setBreakpointByUrl', {
    urlRegex: 'work\\.mjs$',
    lineNumber: BREAKPOINT_LINE,
  });
  await session.send('Runtime.runIfWaitingForDebugger');
}

async function createProgram(main: string): Promise<Project> {
  return createProject({ 'work.mjs': MODULE, 'main.mjs': main });
}

test('a breakpoint in a coroutine stops the loop thread, while the caller is blocked for it', async () => {
  const project = await createProgram(`
    import { coroutines, run } from 'palitra';
    const { work } = coroutines('./work.mjs', import.meta);
    console.log(JSON.stringify(run(work(20))));
  `);
  const debugged = await debug(project.path('main.mjs'), ['--inspect-brk=127.0.0.1:0']);
  const loopThread = debugged.thread('palitra');
  await debugged.main.send('NodeWorker.enable', { waitForDebuggerOnStart: true });
  await debugged.main.send('Debugger.enable');
  debugged.main.on('Debugger.paused', () => void debugged.main.send('Debugger.resume'));
  await debugged.main.send('Runtime.runIfWaitingForDebugger');
  const session = await debugged.before(loopThread);
  const paused = whenPaused(session, 'doubled');
  await setBreakpoint(session);
  deepEqual(await debugged.before(paused), { where: 'work:4', value: 40 });
  void session.send('Debugger.resume');
  deepEqual(await debugged.ended, { code: 0, stdout: '[40,1]\n' });
  await project.remove();
});

test('a loop thread that stands at a breakpoint for longer than the timeout is not replaced', async () => {
  const project = await createProgram(`
    import { coroutines, run } from 'palitra';
    const { work } = coroutines('./work.mjs', import.meta);
    try {
      run(work(20), { timeout: 1_500 });
    } catch (error) {
      console.log(error.name);
    }
    console.log(JSON.stringify(run(work(30))));
  `);
  const debugged = await debug(project.path('main.mjs'), ['--inspect-brk=127.0.0.1:0']);
  const loopThread = debugged.thread('palitra');
  await debugged.main.send('NodeWorker.enable', { waitForDebuggerOnStart: true });
  await debugged.main.send('Debugger.enable');
  debugged.main.on('Debugger.paused', () => void debugged.main.send('Debugger.resume'));
  const printed = new Promise<string>((resolve) => {
    debugged.main.on('Runtime.consoleAPICalled', ({ args }) => {
      resolve(String((args as { value: string }[])[0]?.value));
    });
  });
  await debugged.main.send('Runtime.enable');
  await debugged.main.send('Runtime.runIfWaitingForDebugger');
  const session = await debugged.before(loopThread);
  const paused = whenPaused(session, 'calls');
  await setBreakpoint(session);
  deepEqual(await debugged.before(paused), { where: 'work:4', value: 1 });
  equal(await debugged.before(printed), 'TimeoutError');
  // So long that palitra's own rule for threads that do not respond would have it replaced.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  void session.send('Debugger.disable');
  const { code, stdout } = await debugged.ended;
  equal(code, 0);
  // The second call of the same thread: its state has not been lost.
  equal(stdout, 'TimeoutError\n[60,2]\n');
  await project.remove();
});

test('one attaches to a program that is running, also while it is blocked', async () => {
  const project = await createProgram(`
    import { coroutine, coroutines, run } from 'palitra';
    const { work } = coroutines('./work.mjs', import.meta);
    const pause = coroutine(() => new Promise((resolve) => setTimeout(resolve, 20)));
    const wanted = coroutine(async () => globalThis.enough === true);
    while (!run(wanted())) {
      run(work(20));
      run(pause());
    }
  `);
  const debugged = await debug(project.path('main.mjs'), ['--inspect=127.0.0.1:0']);
  const loopThread = debugged.thread('palitra');
  await debugged.main.send('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const session = await debugged.before(loopThread);
  const paused = whenPaused(session, 'doubled');
  await setBreakpoint(session);
  deepEqual(await debugged.before(paused), { where: 'work:4', value: 40 });
  void session.send('Runtime.evaluate', { expression: 'globalThis.enough = true' });
  void session.send('Debugger.disable');
  const { code } = await debugged.ended;
  equal(code, 0);
  await project.remove();
});
