import { test } from 'node:test';
import { deepEqual, ok, throws } from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { coroutines, EventLoopThreadRunner, type BlockedInfo } from 'palitra';
import { awaitFlag, createFlags } from '../support/flags.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const busy = coroutines<typeof import('../fixtures/busy.ts')>('../fixtures/busy.js', import.meta);
const parking = coroutines<typeof import('../fixtures/parking.ts')>(
  '../fixtures/parking.js',
  import.meta,
);

test('a connected runner lists and counts what was sent by itself', () => {
  using owner = new EventLoopThreadRunner();
  using connected = EventLoopThreadRunner.connect(owner.share());
  owner.createTask(parking.park());
  owner.run(parking.soon(1));
  connected.createTask(busy.sleepFor(3_600_000, 0));
  connected.run(parking.soon(2));
  connected.run(parking.soon(3));
  const [ours, theirs] = [owner, connected].map((runner) => {
    const loop = runner.getLoop();
    const { calls, inFlight, roundTrip, utilization } = loop.stats();
    ok(roundTrip.p50 > 0 && utilization > 0 && utilization <= 1);
    return [loop.tasks().map(({ name }) => name.replace(/.*#/, '')), calls, inFlight];
  });
  deepEqual(ours, [['park'], 2, 1]);
  deepEqual(theirs, [['sleepFor'], 3, 1]);
});

test('the owner is told who blocks its loop, also when the caller is another one', async () => {
  const infos: BlockedInfo[] = [];
  using owner = new EventLoopThreadRunner({
    blockedThreshold: 100,
    onBlocked: (info) => infos.push(info),
  });
  using connected = EventLoopThreadRunner.connect(owner.share());
  connected.run(busy.computeFor(0));
  connected.run(busy.computeFor(300));
  const deadline = performance.now() + 60_000;
  // On a busy machine others may be told of as well, which had to wait for a processor.
  const found = (): readonly string[] =>
    infos.filter(({ ms }) => ms >= 290).map(({ name }) => name.replace(/.*#/, ''));
  while (found().length === 0 && performance.now() < deadline) {
    await owner.createTask(busy.sleepFor(1, 0));
  }
  deepEqual(found(), ['computeFor']);
});

test('the calls of a connected runner are traced where they are made', () => {
  using owner = new EventLoopThreadRunner();
  using connected = EventLoopThreadRunner.connect(owner.share());
  const seen: unknown[] = [];
  const listener = (message: unknown): void =>
    void seen.push((message as { result: unknown }).result);
  diagnostics.subscribe('tracing:palitra:run:end', listener);
  connected.run(busy.sleepFor(0, 'traced'));
  diagnostics.unsubscribe('tracing:palitra:run:end', listener);
  deepEqual(seen, ['traced']);
});

test('a TimeoutError of a connected runner says whether the loop was responding', () => {
  using owner = new EventLoopThreadRunner({ shutdownTimeout: 1 });
  using connected = EventLoopThreadRunner.connect(owner.share());
  connected.run(parking.soon(0));
  throws(() => connected.run(parking.park(), { timeout: 200 }), {
    name: 'TimeoutError',
    message: /The loop thread is responding/,
  });
  // The next call after a timeout asks whether the loop turns, and has it replaced if it does not.
  connected.run(parking.soon(0));
  const flags = createFlags(1);
  owner.createTask(busy.stop(flags));
  awaitFlag(flags, 0);
  throws(() => connected.run(parking.park(), { timeout: 200 }), {
    name: 'TimeoutError',
    message: /The loop thread is not responding/,
  });
});
