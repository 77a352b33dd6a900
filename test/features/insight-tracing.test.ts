import { test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import { coroutines, createTask, gather, iterate, run, start } from 'palitra';
import { runScript } from '../support/child.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

const arithmetic = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const never = coroutines<typeof import('../fixtures/never.ts')>(
  '../fixtures/never.js',
  import.meta,
);
const producers = coroutines<typeof import('../fixtures/producers.ts')>(
  '../fixtures/producers.js',
  import.meta,
);
const ready = coroutines<typeof import('../fixtures/ready.ts')>(
  '../fixtures/ready.js',
  import.meta,
);

const channel = diagnostics.tracingChannel('palitra:run');

interface Event {
  readonly operation: string;
  readonly name: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** What is published while the action goes on: the names of the events, and the messages. */
function trace(action: () => unknown): { names: string[]; messages: Event[]; outcome: unknown } {
  const names: string[] = [];
  const messages: Event[] = [];
  const listen = (name: string) => (message: unknown) => {
    names.push(name);
    messages.push(message as Event);
  };
  const subscribers = {
    start: listen('start'),
    end: listen('end'),
    asyncStart: listen('asyncStart'),
    asyncEnd: listen('asyncEnd'),
    error: listen('error'),
  };
  channel.subscribe(subscribers);
  let outcome: unknown;
  try {
    outcome = action();
  } catch (error) {
    outcome = error;
  } finally {
    channel.unsubscribe(subscribers);
  }
  return { names, messages, outcome };
}

test('run publishes its start, and its end with the result, on palitra:run', () => {
  const { names, messages, outcome } = trace(() => run(arithmetic.add(1, 2)));
  deepEqual([names, outcome], [['start', 'end'], 3]);
  equal(messages[0], messages[1]);
  const { name, ...others } = messages[1]!;
  deepEqual(others, { operation: 'run', result: 3 });
  ok(name.endsWith('arithmetic.js#add'), name);
});

test('at the start there is no result yet', () => {
  const seen: Event[] = [];
  const listener = (message: unknown): void => void seen.push({ ...(message as Event) });
  channel.start.subscribe(listener);
  run(arithmetic.add(1, 2));
  channel.start.unsubscribe(listener);
  deepEqual(Object.keys(seen[0]!).sort(), ['name', 'operation']);
});

test('gather publishes one start and one end, with the names of all', () => {
  const { names, messages } = trace(() => gather(arithmetic.add(1, 2), arithmetic.echo('x')));
  deepEqual(names, ['start', 'end']);
  const { operation, name, result } = messages[1]!;
  deepEqual([operation, result], ['gather', [3, 'x']]);
  deepEqual(
    name.split(', ').map((one) => one.replace(/.*#/, '')),
    ['add', 'echo'],
  );
});

const failures: Record<string, { action: () => unknown; expected: string }> = {
  'the coroutine’s own': { action: () => run(arithmetic.fail('no')), expected: 'RangeError' },
  'a timeout': { action: () => run(never.wait(), { timeout: 1 }), expected: 'TimeoutError' },
  'one of a group': {
    action: () => gather(arithmetic.add(1, 2), arithmetic.fail('no')),
    expected: 'RangeError',
  },
  'an argument that cannot cross': {
    action: () => run(arithmetic.echo(Symbol('no'))),
    expected: 'UncloneableError',
  },
};

for (const [title, { action, expected }] of Object.entries(failures)) {
  test(`an error is published between start and end, and thrown: ${title}`, () => {
    const { names, messages, outcome } = trace(action);
    deepEqual(names, ['start', 'error', 'end']);
    ok(messages.every((message) => message === messages[0]));
    equal((outcome as Error).name, expected);
    equal(messages[0]!.error, outcome);
    ok(!('result' in messages[0]!));
  });
}

test('with returnExceptions the errors are in the result', () => {
  const { names, messages } = trace(() =>
    gather([arithmetic.fail('no')], { returnExceptions: true }),
  );
  deepEqual(names, ['start', 'end']);
  deepEqual((messages[1]!.result as unknown[]).map(String), ['RangeError: no']);
});

test('a call in a callback lies inside the call that it was called by', () => {
  const { names, messages } = trace(() => run(never.call(() => run(arithmetic.add(1, 2)))));
  deepEqual(names, ['start', 'start', 'end', 'end']);
  deepEqual(
    messages.map(({ name }) => name.replace(/.*#/, '')),
    ['call', 'add', 'add', 'call'],
  );
});

test('what is no call publishes nothing: a mistake, and no coroutines at all have their own events', () => {
  deepEqual(trace(() => throws(() => run(5 as never), TypeError)).names, []);
  deepEqual(trace(() => throws(() => gather(5 as never), TypeError)).names, []);
  deepEqual(trace(() => gather()).names, ['start', 'end']);
});

test('tasks, streams and what is started publish nothing: nobody is blocked for them', async () => {
  const tasks: PromiseLike<unknown>[] = [];
  const { names } = trace(() => {
    tasks.push(createTask(arithmetic.add(1, 2)), start(ready.serve(1)).task);
    tasks[0]!.then(() => undefined);
    return [...iterate(producers.countTo(3))];
  });
  deepEqual(names, []);
  await tasks[0];
});

test('a storage that is bound to the start holds its value during the call, and in callbacks', () => {
  const storage = new AsyncLocalStorage<string>();
  channel.start.bindStore(storage, (message) => `inside ${(message as Event).operation}`);
  try {
    equal(run(never.call(() => storage.getStore())), 'inside run');
    equal(storage.getStore(), undefined);
  } finally {
    channel.start.unbindStore(storage);
  }
  equal(run(never.call(() => storage.getStore())), undefined);
});

for (const part of ['start', 'end', 'error'] as const) {
  test(`who subscribes to ${part} alone gets it`, () => {
    const seen: unknown[] = [];
    const listener = (message: unknown): void => void seen.push(message);
    channel[part].subscribe(listener);
    try {
      throws(() => run(arithmetic.fail('no')), RangeError);
    } finally {
      channel[part].unsubscribe(listener);
    }
    equal(seen.length, 1);
  });
}

test('a subscriber that throws is an uncaught exception, and does not hurt the call', async () => {
  const { code, stdout, stderr } = await runScript(`
    import diagnostics from 'node:diagnostics_channel';
    import { coroutines, run } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    diagnostics.subscribe('tracing:palitra:run:start', () => { throw new Error('of the subscriber'); });
    console.log(run(arithmetic.add(1, 2)));`);
  deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: '3\nuncaught of the subscriber\n', stderr: '' },
  );
});

test('with nobody subscribed nothing is published, and no event is made', async () => {
  const { stdout } = await runScript(`
    import diagnostics from 'node:diagnostics_channel';
    const counts = { traceSync: 0, publish: 0, runStores: 0 };
    const tracing = diagnostics.tracingChannel('palitra:run');
    const count = (prototype, name) => {
      const original = prototype[name];
      prototype[name] = function (...args) {
        counts[name] += 1;
        return Reflect.apply(original, this, args);
      };
    };
    count(Object.getPrototypeOf(tracing), 'traceSync');
    count(Object.getPrototypeOf(tracing.start), 'publish');
    const { coroutine, coroutines, EventLoopThreadRunner } = await import('palitra');
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const busy = coroutines('./busy.js', import.meta);
    const runner = new EventLoopThreadRunner({ blockedThreshold: 20, onBlocked() { counts.blocked = true; } });
    const calls = () => {
      for (let index = 0; index < 100; index++) runner.run(arithmetic.add(1, 2));
      for (let index = 0; index < 100; index++) runner.gather(arithmetic.add(1, 2), arithmetic.add(3, 4));
      runner.run(busy.computeFor(50));
    };
    calls();
    console.log(JSON.stringify(counts));
    // The same counters, to see that they count.
    tracing.subscribe({ error() {} });
    diagnostics.subscribe('palitra:blocked', () => { counts.blockedSeen = true; });
    runner.run(arithmetic.add(1, 2));
    runner.run(busy.computeFor(50));
    console.log(JSON.stringify(counts));
    runner.close();`);
  const [idle, active] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  deepEqual(idle, { traceSync: 0, publish: 0, runStores: 0, blocked: true });
  equal(active.traceSync, 2);
  equal(active.blockedSeen, true);
});
