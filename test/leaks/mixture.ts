/** Every kind of call in turn, each with what it has to clean up. Runs in a process of its own, or in a soak. */
import { createHook } from 'node:async_hooks';
import { existsSync, readdirSync } from 'node:fs';
import { coroutine, coroutines, EventLoopThreadRunner, keep, sharedContext } from 'palitra';
import { collect } from '../support/collect.ts';
import { countThreads } from '../support/native-threads.ts';
import { isDeno } from '../support/runtime.ts';

const fixture = coroutines<typeof import('../fixtures/leaks.ts')>(
  '../fixtures/leaks.js',
  import.meta,
);
const inline = coroutine(async (n: number) => n);
const context = sharedContext<number>('leaks');

/** One call of each kind, or a few: returns how many coroutines were sent. */
const kinds: readonly ((runner: EventLoopThreadRunner, n: number) => number)[] = [
  (runner, n) => expect(runner.run(fixture.echo(n)), n),
  (runner, n) => expect(runner.run(inline(n)), n),
  (runner, n) => {
    // Shapes are remembered, so many and no more.
    const key = `key ${Math.floor(n / kinds.length) % 100}`;
    return expect((runner.run(fixture.echo({ [key]: n })) as Record<string, number>)[key], n);
  },
  (runner, n) => expect(runner.run(fixture.callBack((value) => value + 1, n)), n + 1),
  (runner, n) =>
    expect(
      runner.run(fixture.callBack((value) => runner.run(fixture.echo(value)) as number, n)),
      n,
      2,
    ),
  (runner, n) =>
    expect(
      runner.run(
        fixture.callBack(
          keep((value) => value + 2),
          n,
        ),
      ),
      n + 2,
    ),
  (runner, n) => {
    const handle = runner.run(fixture.open(n));
    expect(runner.run(handle.read()), n);
    handle[Symbol.dispose]();
    return 3;
  },
  (runner, n) => {
    // Nobody disposes of it.
    expect(runner.run(runner.run(fixture.open(n)).read()), n);
    return 2;
  },
  (runner, n) => {
    const error = thrownBy(() => runner.run(fixture.fail(n))) as RangeError & { n: number };
    return expect(error.n, n);
  },
  (runner) => expect(thrownBy(() => runner.run(fixture.echo(Symbol()))).name, 'UncloneableError'),
  (runner) => expect(thrownBy(() => runner.run(fixture.uncloneable())).name, 'UncloneableError'),
  (runner, n) => {
    let sum = 0;
    for (const item of runner.iterate(fixture.numbers(10))) sum += item;
    expect(sum, 45);
    for (const item of runner.iterate(fixture.numbers(1_000))) if (item === n % 20) break;
    for (const item of runner.iterate(fixture.numbers(3), { highWaterMark: 1 }))
      expect(item >= 0, true);
    return 3;
  },
  (runner, n) => {
    // Left in the middle, and forgotten.
    runner.iterate(fixture.numbers(1_000), { highWaterMark: 2 }).next();
    return expect(runner.run(fixture.echo(n)), n, 2);
  },
  (runner, n) => {
    const results = runner.gather(fixture.echo(n), fixture.echo(n + 1), fixture.echo(n + 2));
    return expect(results[2], n + 2, 3);
  },
  (runner, n) => {
    thrownBy(() => runner.gather(fixture.fail(n), fixture.park()));
    return 2;
  },
  (runner, n) => expect(runner.createTask(fixture.echo(n)).result(), n),
  (runner) => {
    const task = runner.createTask(fixture.park());
    task.cancel();
    return 1;
  },
  (runner, n) => {
    const controller = new AbortController();
    const { signal } = controller;
    expect(runner.run(fixture.echo(n), { signal }), n);
    const abort = (): number => (controller.abort(), 0);
    expect(thrownBy(() => runner.run(fixture.callBack(abort, n), { signal })).name, 'AbortError');
    return 2;
  },
  (runner, n) =>
    expect(
      context.run(n, () => runner.run(fixture.inContext())),
      n,
    ),
  (runner, n) =>
    expect(
      (runner.run(fixture.echo('x'.repeat(40_000 + (n % 10)))) as string).length,
      40_000 + (n % 10),
    ),
  (runner) =>
    expect((runner.run(fixture.echo(new Uint8Array(10_000))) as Uint8Array).length, 10_000),
];

/** These wait, so there are fewer of them. */
const waiting: typeof kinds = [
  (runner) =>
    expect(thrownBy(() => runner.run(fixture.park(), { timeout: 1 })).name, 'TimeoutError'),
  (runner) => {
    const task = runner.createTask(fixture.park());
    expect(thrownBy(() => task.result({ timeout: 1 })).name, 'TimeoutError');
    task.cancel();
    return 1;
  },
  (runner) =>
    expect(
      thrownBy(() => [...runner.iterate(fixture.parkAfterOne(), { timeout: 1 })]).name,
      'TimeoutError',
    ),
];

/** Makes at least so many calls; lets the event loop turn now and then. */
export async function callInTurn(
  runner: EventLoopThreadRunner,
  calls: number,
  onCall: () => void = () => undefined,
): Promise<void> {
  let made = 0;
  for (let n = 0; made < calls; n++) {
    made += (
      n % 1_000 === 999 ? waiting[((n / 1_000) % waiting.length) | 0] : kinds[n % kinds.length]
    )!(runner, n);
    onCall();
    if (n % 500 === 0) {
      await runner.createTask(fixture.echo(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

export function beginAndEnd(n: number): void {
  const runner = new EventLoopThreadRunner({ name: `cycle ${n}` });
  expect(runner.run(fixture.echo(n)), n);
  const handle = runner.run(fixture.open(n));
  expect(
    runner.run(
      fixture.callBack(
        keep((value) => value),
        n,
      ),
    ),
    n,
  );
  runner.createTask(fixture.park()).catch(() => undefined);
  const iterator = runner.iterate(fixture.numbers(100));
  iterator.next();
  if (n % 2 === 0) {
    const connected = EventLoopThreadRunner.connect(runner.share());
    expect(connected.run(fixture.echo(n)), n);
    if (n % 4 === 0) connected.close();
  }
  runner.close();
  void [handle, iterator];
}

/** What is there once everything that can go has gone. Needs `--expose-gc`. */
export interface Level {
  readonly threads: number;
  readonly files: number;
  readonly ports: number;
  readonly listeners: number;
  readonly resources: number;
  readonly heap: number;
  /** Outside of the heap: a channel has 256 KiB of it. */
  readonly buffers: number;
  /** On the loop thread. */
  readonly heapThere: number;
  readonly listenersThere: number;
}

const ports = new Set<number>();
createHook({
  init: (id, type) => void (type === 'MESSAGEPORT' && ports.add(id)),
  destroy: (id) => void ports.delete(id),
}).enable();

const count = (folder: string): number => (existsSync(folder) ? readdirSync(folder).length : 0);

function countListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

/** Once its event loop has turned for half a second Deno starts a thread of its own: runtime-tests/limits/deno.test.js. */
const PAUSE_MS = isDeno ? 1_500 : 0;

/** The lowest of several looks: what is collected late is no leak. */
export async function takeLevel(runner?: EventLoopThreadRunner): Promise<Level> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  let lowest: Level | undefined;
  for (let round = 0; round < 12; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const there =
      runner === undefined ? { heap: 0, listeners: 0 } : await runner.createTask(fixture.level());
    const level: Level = {
      threads: countThreads(),
      files: count('/proc/self/fd'),
      ports: ports.size,
      listeners: countListeners(),
      resources: process.getActiveResourcesInfo().length,
      heap: process.memoryUsage().heapUsed,
      buffers: process.memoryUsage().arrayBuffers,
      heapThere: there.heap,
      listenersThere: there.listeners,
    };
    lowest = lowest === undefined ? level : lower(lowest, level);
  }
  return lowest!;
}

function lower(one: Level, other: Level): Level {
  return merge(one, other, Math.min);
}

/**
 * A leak grows with every round. What the engine has collected early, once in a while (2 MB, on Node 22), is
 * back with the next one, and makes that round look like one: so the third is compared with the two before.
 */
export function higher(one: Level, other: Level): Level {
  return merge(one, other, Math.max);
}

function merge(one: Level, other: Level, choose: (a: number, b: number) => number): Level {
  const entries = Object.entries(one) as [keyof Level, number][];
  return Object.fromEntries(
    entries.map(([key, value]) => [key, choose(value, other[key])]),
  ) as never;
}

const SIZES = new Set(['heap', 'buffers', 'heapThere']);

/** What there is more of than at the start; of a heap, more than the slack. */
export function findGrowth(start: Level, end: Level, slackBytes: number): string[] {
  const entries = Object.entries(end) as [keyof Level, number][];
  return entries
    .filter(([key, value]) => value > start[key] + (SIZES.has(key) ? slackBytes : 0))
    .map(([key, value]) => `${key}: ${start[key]} → ${value}`);
}

function expect(actual: unknown, expected: unknown, calls = 1): number {
  if (!Object.is(actual, expected))
    throw new Error(`${String(actual)} instead of ${String(expected)}`);
  return calls;
}

function thrownBy(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
