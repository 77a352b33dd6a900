import { publishWord } from '../wire/atomics.ts';
import {
  ASLEEP,
  BLOCKED_COUNT,
  BLOCKED_IN,
  BLOCKED_ON,
  SLEEPS,
  THREAD_BYTES,
} from '../wire/layout.ts';
import { queueMicrotask } from '../wire/natives.ts';
import { getLoopHost } from '../wire/loop-host.ts';
import { inNoContext } from '../wire/no-context.ts';
import { announceWait } from '../wire/wait-graph.ts';
import { nowMs, setImmediate } from '../wire/clock.ts';
import type { News } from '../wire/spin.ts';
import { hostGlobal, isExiting } from './host.ts';

/** How long callbacks may keep the event loop of their thread from turning, unless a single one takes longer. */
const TURN_MS = 5;

/** Something that this thread is in the middle of. */
export interface Frame {
  /** May code of the user's run inside? If not, whoever finds this frame on top knows that it was cut off. */
  readonly runsUserCode: boolean;
  /** Is this thread blocked for the call? */
  waitsFor(call: object): boolean;
  /** The stack was cut off in here: no `finally` has run, and nobody waits any more. */
  cutOff(): void;
  /** The loop thread, as a node of the graph of who is blocked for whom, that this thread is blocked for. */
  readonly node: number;
}

/** A connection, as far as the thread's one wait needs it. */
export interface Member extends News {
  /** Takes one message, and says whether there was one. Code of the user's that it calls for is queued. */
  takeMessage(): boolean;
  /** Notices that the loop thread has died. */
  checkLife(): void;
  /** Puts right what was cut off in the middle of a message. */
  repair(): void;
  /** Could its loop thread call back into this thread? */
  readonly canCallBack: boolean;
  /** Does somebody await something from its loop thread? */
  readonly isHeld: boolean;
}

/** Code of the user's that a loop thread has called for: a callback, a report. */
export interface Invocation extends Frame {
  run(): void;
}

/**
 * What a thread has one of, however many runners it has: one word to sleep on, one list of connections to
 * listen to, one stack of what it is in the middle of. Two copies of the package on a thread, and the contexts
 * of `node:vm` in which a test runner loads one for each file, find the same.
 */
class CallingThread {
  readonly memory = new SharedArrayBuffer(THREAD_BYTES);
  readonly words = new Int32Array(this.memory);
  /** Another list whenever one comes or goes, which may be while somebody goes through it. */
  members: readonly Member[] = [];
  readonly invocations: Invocation[] = [];
  /** What this thread looks after for others, between slices of sleep: the loop threads that it owns and shares. */
  readonly duties = new Set<() => void>();
  attendedAt = 0;
  /** Which member was asked last. */
  #turn = 0;
  #isContinuing = false;
  lastChannel = 0;
  #depth = 0;
  readonly #frames: Frame[] = [];
  readonly #deadlines: number[] = [];
  #willSweep = false;
  #isExiting = false;

  /** A number for a channel of this thread's, under which the loop thread is told that it is blocked in there. */
  nextChannel(): number {
    return (this.lastChannel = (this.lastChannel + 1) | 0);
  }

  /**
   * Begins something, to be ended by {@link leave} with the number that is returned. What runs inside has no
   * more time than what it runs in.
   */
  enter(frame: Frame, deadline: number): number {
    const depth = this.#depth;
    if (!this.#willSweep) this.#sweepSoon();
    if (depth > 0 && !this.#isExiting && isExiting()) {
      this.#isExiting = true;
      // Nothing that this thread is in the middle of goes on: its time does not limit the clean-up.
      this.#deadlines.fill(Infinity);
    }
    this.#frames[depth] = frame;
    this.#deadlines[depth] =
      depth === 0 ? deadline : Math.min(deadline, this.#deadlines[depth - 1]!);
    this.#depth = depth + 1;
    return depth;
  }

  /** Calls nothing unless something was cut off: it has to work on a stack that is full. */
  leave(depth: number): void {
    if (this.#depth > depth + 1) this.cutOffAbove(depth + 1);
    this.#depth = depth;
    this.#frames[depth] = nothing;
  }

  /** How long that which was begun last may take. */
  get deadline(): number {
    return this.#depth === 0 ? Infinity : this.#deadlines[this.#depth - 1]!;
  }

  /** The loop thread that this thread is blocked for, as a node of the graph; 0: none. */
  get blockedFor(): number {
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      const { node } = this.#frames[depth]!;
      if (node !== 0) return node;
    }
    return 0;
  }

  /** Is it blocked for this call, be it further out? */
  waitsFor(call: object): boolean {
    return this.#frames.some((frame) => frame.waitsFor(call));
  }

  /** Is it blocked for this call by what stands directly below: is the caller's own context the current one? */
  isDirectlyBlockedFor(call: object): boolean {
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      const frame = this.#frames[depth]!;
      if (!frame.runsUserCode) return frame.waitsFor(call);
    }
    return false;
  }

  /** Is this thread executing a callback of the call? */
  isInside(call: object): boolean {
    return this.#frames.some((frame) => (frame as { caller?: object }).caller === call);
  }

  /** Waits that do not run code of the user's, and that are on top all the same, have been cut off. */
  dropCutOff(): void {
    let depth = this.#depth;
    while (depth > 0 && !this.#frames[depth - 1]!.runsUserCode) depth -= 1;
    if (depth < this.#depth) this.cutOffAbove(depth);
  }

  cutOffAbove(depth: number): void {
    while (this.#depth > depth) {
      this.#depth -= 1;
      const frame = this.#frames[this.#depth]!;
      this.#frames[this.#depth] = nothing;
      frame.cutOff();
    }
    // One that was about to sleep may have said so, and for whom.
    publishWord(this.words, ASLEEP, 0);
    const own = getLoopHost()?.node ?? 0;
    if (own !== 0) announceWait(own, this.blockedFor);
  }

  /**
   * When a microtask runs, nothing is on the stack: whatever is still said to be in the middle was cut off, by
   * the `timeout` of `node:vm` or by Ctrl-C in a REPL. And what was left over is executed.
   */
  #sweepSoon(): void {
    inNoContext(() => queueMicrotask(this.#sweep));
    // Only now: a stack that was too full for it must not keep it from ever coming.
    this.#willSweep = true;
  }

  /** To be executed when the stack is empty, as a message would be. */
  queue(invocation: Invocation): void {
    this.invocations.push(invocation);
    if (!this.#willSweep) this.#sweepSoon();
  }

  readonly #sweep = (): void => {
    this.#willSweep = false;
    this.cutOffAbove(0);
    for (const member of this.members) member.repair();
    if (this.invocations.length > 0) this.serveInTurn();
  };

  /** Takes one message, of each member in turn; false when there is none. */
  takeMessage(): boolean {
    const { members } = this;
    for (let step = members.length; step > 0; step--) {
      this.#turn = (this.#turn + 1) % members.length;
      if (members[this.#turn]!.takeMessage()) return true;
    }
    return false;
  }

  /**
   * Serves all connections from the event loop of this thread, for as long as its own timers and sockets can wait,
   * and then once more after they have had their turn.
   */
  readonly serveInTurn = (): void => {
    // Whoever wakes this thread meanwhile must not add to the time that is taken of each turn.
    if (this.#isContinuing) return;
    const end = nowMs() + TURN_MS;
    while (this.runInvocation() || this.takeMessage()) {
      if (nowMs() < end) continue;
      this.#isContinuing = true;
      inNoContext(() => setImmediate(this.#continue)).unref();
      return;
    }
  };

  readonly #continue = (): void => {
    this.#isContinuing = false;
    this.serveInTurn();
  };

  /** Executes what was called for first; false when there is nothing. */
  runInvocation(): boolean {
    const invocation = this.invocations.shift();
    if (invocation === undefined) return false;
    const depth = this.enter(invocation, Infinity);
    try {
      invocation.run();
    } finally {
      this.leave(depth);
    }
    return true;
  }

  /** Runs code that may be, or may call, the user's. */
  runUserCode<R>(body: () => R): R {
    const depth = this.enter(nothing, Infinity);
    try {
      return body();
    } finally {
      this.leave(depth);
    }
  }

  /** Says what this thread is blocked for, for as long as it sleeps. */
  announce(channel: number, firstCall: number, callCount: number): void {
    const { words } = this;
    const writing = words[SLEEPS]! | 1;
    publishWord(words, SLEEPS, writing);
    publishWord(words, BLOCKED_IN, channel);
    publishWord(words, BLOCKED_ON, firstCall);
    publishWord(words, BLOCKED_COUNT, callCount);
    publishWord(words, SLEEPS, (writing + 1) | 0);
  }
}

/** Holds nothing: what a frame was is not kept once it has been left. */
const nothing: Frame = {
  runsUserCode: true,
  node: 0,
  waitsFor: () => false,
  cutOff: () => undefined,
};

const key: unique symbol = Symbol.for('palitra.thread') as never;

/** This thread. */
export const thread: CallingThread = findThread();

function findThread(): CallingThread {
  const host = hostGlobal() as typeof globalThis & { [key]?: CallingThread };
  if (host[key] === undefined) Object.defineProperty(host, key, { value: new CallingThread() });
  return host[key]!;
}
