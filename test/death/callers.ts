import { coroutines, type Coroutine, type EventLoopThreadRunner, type Task } from 'palitra';
import type { Stamp } from '../fixtures/deaths.ts';

/** What a caller is given to die with. */
export interface Scene {
  readonly runner: EventLoopThreadRunner;
  readonly stamp: Stamp;
  /** Does the thread end by it? */
  readonly isFatal: boolean;
  readonly die: () => Coroutine<unknown>;
  /** The same between the items of a stream, where the death can come so. */
  readonly itemsThenDie: () => Coroutine<AsyncIterable<unknown>>;
  /** Ends the loop thread from outside, if it is to die so. */
  readonly terminate: () => void;
  /** For who sets one: an hour, or a millisecond where nothing but that can end the waiting. */
  readonly timeout: number;
}

export interface Caller {
  /** Returns what the coroutine came to, or throws what it threw. */
  readonly call: (scene: Scene) => unknown;
  /** Does it go on by itself, because it is not blocked or has a timeout? */
  readonly isLimited?: boolean;
  /** Is it the call in whose callback another one is blocked as the death happens? */
  readonly isOuter?: boolean;
  /** Is it in code of its own as the death happens, so that an outcome other than death is not seen? */
  readonly sees?: 'death only';
}

const fixture = coroutines<typeof import('../fixtures/deaths.ts')>(
  '../fixtures/deaths.js',
  import.meta,
);

/** Where a calling thread may be when the loop thread dies. One more is one more entry. */
export const callers: Record<string, Caller> = {
  'blocked in run': { call: ({ runner, die }) => runner.run(die()) },
  'blocked in run with a timeout': {
    call: ({ runner, die, timeout }) => runner.run(die(), { timeout }),
    isLimited: true,
  },
  'blocked in gather': {
    call: ({ runner, die, isFatal }) =>
      isFatal ? runner.gather(fixture.park(), die())[1] : runner.gather(die())[0],
  },
  'blocked in gather with returnExceptions': {
    call: ({ runner, die }) => {
      const [outcome, other] = runner.gather([die(), die()], { returnExceptions: true });
      if (!(outcome instanceof Error)) return outcome;
      if (!(other instanceof Error)) throw new TypeError(`the other one came to ${String(other)}`);
      throw outcome;
    },
  },
  'blocked in iterate': {
    call: ({ runner, itemsThenDie }) => {
      let last: unknown;
      for (const item of runner.iterate(itemsThenDie())) last = item;
      return last;
    },
  },
  'blocked in iterate, step by step': {
    call: ({ runner, itemsThenDie }) =>
      [...runner.iterate(itemsThenDie(), { highWaterMark: 1 })].at(-1),
  },
  'blocked in start': {
    call: ({ runner, die }) => {
      try {
        return runner.start(die()).value;
      } catch (error) {
        if (/ended without calling started/.test(String(error))) return 'survived';
        throw error;
      }
    },
  },
  'blocked in the result of a task': {
    call: ({ runner, die }) => runner.createTask(die()).result(),
  },
  'awaiting a task': {
    call: async ({ runner, die, timeout }) => runner.createTask(die(), { timeout }),
    isLimited: true,
  },
  'awaiting a task among others': {
    call: async ({ runner, die, timeout }) => {
      const others = [runner.createTask(fixture.park()), runner.createTask(fixture.park())];
      const task = runner.createTask(die(), { timeout });
      try {
        return await Promise.race([...others, task]);
      } finally {
        for (const other of others) other.cancel();
      }
    },
    isLimited: true,
  },
  'blocked in another call': {
    call: ({ runner, die, isFatal }) => {
      let task: Task<unknown> | undefined;
      // Made while the other one is under way, so that both are on the same loop thread.
      const callback = (): void => void (task = runner.createTask(die()));
      runner.run(fixture.callThenWait(callback, !isFatal));
      return task!.result();
    },
  },
  'inside a callback, in code of its own': {
    call: ({ runner, die, isFatal, stamp, terminate }) => {
      const callback = (): void => {
        const task = runner.createTask(die());
        // Nobody will look at it, if it is not lost with its thread.
        task.catch(() => undefined);
        terminate();
        if (isFatal) Atomics.wait(stamp, 0, 0n, 10_000);
      };
      return runner.run(fixture.callThenWait(callback, !isFatal));
    },
    sees: 'death only',
  },
  'inside a callback, blocked in run': {
    call: ({ runner, die }) => runner.run(fixture.call(() => runner.run(die()))),
    isOuter: true,
  },
  'inside a callback of a callback, blocked in gather': {
    call: ({ runner, die }) =>
      runner.run(fixture.call(() => runner.run(fixture.call(() => runner.gather(die())[0])))),
    isOuter: true,
  },
};
