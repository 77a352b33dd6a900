import { test, afterEach } from 'node:test';
import { rejects, deepEqual, doesNotReject } from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { coroutine, EventLoopThreadRunner } from 'palitra';
import { assertNothingLeft, findLeaks, takeCensus, watchResources } from './leaks.ts';

const identity = coroutine(async (value: number) => value);
const undo: (() => void)[] = [];

watchResources();
const atFirst = takeCensus();
afterEach(async () => {
  for (const step of undo.splice(0)) step();
  // A thread ends a little after its runner, and would be counted at the start of the next test.
  await assertNothingLeft(atFirst);
});

test('a runner that is still open is found by its worker, its ports and its exit listener', async () => {
  const earlier = takeCensus();
  const runner = new EventLoopThreadRunner();
  undo.push(() => runner.close());
  runner.run(identity(1));
  await rejects(assertNothingLeft(earlier, 50), (error: Error) =>
    ['workers: ', 'ports: ', 'exitListeners: '].every((part) => error.message.includes(part)),
  );
});

test('the thread of a runner that is still open is found where the platform counts threads', async (t) => {
  const earlier = takeCensus();
  if (earlier.threads === 0) return t.skip('no /proc/self/task');
  const runner = new EventLoopThreadRunner();
  undo.push(() => runner.close());
  runner.run(identity(1));
  await rejects(assertNothingLeft(earlier, 50), /threads: \d+ before, \d+ now/);
});

test('a closed runner leaves nothing', async () => {
  const earlier = takeCensus();
  const runner = new EventLoopThreadRunner();
  runner.run(identity(1));
  runner.close();
  await doesNotReject(assertNothingLeft(earlier));
});

test('a timer, a listener and an unref’d port are found', async () => {
  const earlier = takeCensus();
  const timer = setTimeout(() => undefined, 3_600_000);
  const listener = (): void => undefined;
  process.on('exit', listener);
  const { port1 } = new MessageChannel();
  port1.unref();
  undo.push(
    () => clearTimeout(timer),
    () => process.off('exit', listener),
    () => port1.close(),
  );
  await rejects(assertNothingLeft(earlier, 20), (error: Error) =>
    ['resource: Timeout', 'exitListeners: 0 before, 1 now', 'ports: '].every((part) =>
      error.message.includes(part),
    ),
  );
});

test('what has gone since is no leak', () => {
  const nothing = { threads: 1, workers: 0, ports: 0, exitListeners: 0, resources: [] };
  const much = {
    threads: 9,
    workers: 3,
    ports: 2,
    exitListeners: 1,
    resources: ['Timeout', 'Timeout'],
  };
  deepEqual(findLeaks(much, nothing), []);
  deepEqual(findLeaks({ ...nothing, resources: ['Timeout'] }, much).length, 5);
});
