import { inspect, types } from 'node:util';
import { shortenOwnFrames } from '../runtime/own-frames.ts';
import { exit, loopUtilization } from '../wire/natives.ts';
import type { Inbox } from '../wire/inbox.ts';
import { Spinner, type News } from '../wire/spin.ts';
import { decrementWord, publishWord } from '../wire/atomics.ts';
import { HOLDERS, MILLION, OWNER_CHANNEL, UTILIZATION } from '../wire/layout.ts';
import { countOutDeadHolders } from '../wire/holders.ts';
import { isAlive } from '../wire/life-mark.ts';
import { BLOCKED, OUTPUT, UNHANDLED, type Introduction, type LoopData } from '../wire/messages.ts';
import { joinByPorts, type ChannelEnds } from '../wire/ports.ts';
import { CancelledError } from '../errors.ts';
import { currentCall, enableCallContext, showRunning, type LoopCall } from './call.ts';
import { LoopChannel, type Caller } from './channel.ts';
import { Dispatcher } from './dispatch.ts';
import { Door } from './door.ts';
import { installLoopHost } from '../wire/loop-host.ts';
import { NeverSettled } from './never-settled.ts';
import { Pump } from './pump.ts';
import { onShutdown, shutDown } from './shutdown.ts';
import { sendOutput, writeAll, writeOutput } from './stdio.ts';
import { sendOutcome } from '../wire/refusal.ts';
import { BlockWatch } from './watch.ts';

/** How long this side looks for the next call before it sleeps. Longer than a wake-up takes. */
const SPIN_MS = 0.3;

/** What the callers have sent, and whether any of it is new. */
class Callers implements News {
  #inboxes: readonly Inbox[] = [];

  set(dispatchers: readonly Dispatcher[]): void {
    this.#inboxes = dispatchers.map(({ channel }) => channel.inbox);
  }

  get hasNews(): boolean {
    for (const inbox of this.#inboxes) if (inbox.hasNews) return true;
    return false;
  }

  get mayHaveNews(): boolean {
    for (const inbox of this.#inboxes) if (inbox.mayHaveNews) return true;
    return false;
  }
}

/** What this thread knows of a caller. */
type Introduced = Caller & Partial<Introduction>;

/** This thread, as its callers see it: channels in, coroutines started, replies out. */
export class LoopThread {
  readonly #data: LoopData;
  readonly #control: Int32Array;
  /** The first is the owner's. */
  #dispatchers: Dispatcher[] = [];
  readonly #callers = new Callers();
  readonly #pump: Pump;
  readonly #announceClosing: () => void;
  readonly #neverSettled: NeverSettled | undefined;
  readonly #watch: BlockWatch | undefined;
  #door: Door | undefined;
  #isClosing = false;
  /** How many there have been; the first is the owner's. */
  #channels = OWNER_CHANNEL - 1;

  constructor(data: LoopData, control: Int32Array, announceClosing: () => void) {
    this.#data = data;
    this.#control = control;
    this.#announceClosing = announceClosing;
    showRunning(control);
    this.#pump = new Pump(control, new Spinner(data.shouldSpin ? SPIN_MS : 0), {
      news: this.#callers,
      drain: () => this.#drain(),
      hasInFlight: () => this.#dispatchers.some(({ channel }) => channel.calls.size > 0),
      repair: () => {
        for (const { channel } of this.#dispatchers) channel.repair();
      },
      afterAnnouncing: () => this.#neverSettled?.lookAround(),
    });
    if (data.detectsNeverSettled) {
      this.#neverSettled = new NeverSettled({
        channels: () => this.#dispatchers.map(({ channel }) => channel),
        isAwaited: () => this.#door?.isAwaited(this.#countOtherThreads()) === true,
        lookAgain: () => this.#pump.lookAgain(),
      });
    }
    if (data.blockedThresholdMs > 0) {
      this.#watch = new BlockWatch(
        data.blockedThresholdMs,
        () => [...this.#inFlight(), ...this.#abandoned()],
        (name, ms) => this.#reportBlocked(name, ms),
      );
    }
    const { memory, data: parcels, wake, number, thread } = data.channel;
    const owner = { threadId: data.ownerThreadId, number, thread };
    this.#connect(joinByPorts(memory, parcels, wake), owner);
    if (data.sendsOutput) sendOutput((descriptor, chunk) => this.#sendOutput(descriptor, chunk));
    if (data.isShared) this.#openDoor();
    installLoopHost({
      depth: data.depth,
      node: data.node,
      graph: data.graph,
      enableContext: enableCallContext,
      getSignal: () => this.#currentCall()?.signal,
      onAbort: (handler) => currentCall()?.onAbort(handler),
      onShutdown,
      started: (value) => {
        const call = this.#currentCall();
        call?.channel.announceStart(call, value);
      },
    });
  }

  start(): void {
    process.on('uncaughtException', (error) => this.#report(error));
    process.on('unhandledRejection', (reason) => this.#report(reason));
    this.#neverSettled?.start();
    this.#watch?.start();
    this.#pump.wake();
  }

  /** This thread ends because it has nothing left to do: whoever is blocked for it is told why. */
  failStranded(): void {
    if (!this.#isClosing) this.#neverSettled?.failStranded();
  }

  /** Tells every caller that nothing more will come from here. */
  disconnect(): void {
    for (const { channel } of this.#dispatchers) channel.close();
  }

  #drain(): void {
    try {
      for (const dispatcher of this.#dispatchers) {
        if (!dispatcher.drain() && dispatcher.hasLeft) this.#forsake(dispatcher);
      }
    } catch (error) {
      // A message that cannot be read: nobody knows where the next one begins, and its caller waits. The
      // end of the thread is an outcome that everybody understands.
      print(`palitra's loop thread "${this.#data.name}" cannot read a message, and ends`, error);
      exit(1);
    }
  }

  /** Returns the number of the channel. */
  #connect(ends: ChannelEnds, caller: Introduced): number {
    const { life, isListed } = caller;
    const number = (this.#channels += 1);
    const channel = new LoopChannel(ends, caller, number, () => this.#pump.beforeReply());
    const orders = {
      close: () => void this.#close(),
      openDoor: () => this.#openDoor(),
      beforePong: () => {
        publishWord(this.#control, UTILIZATION, Math.round(loopUtilization() * MILLION));
      },
    };
    const dispatcher = new Dispatcher(channel, orders, this.#watch, life, isListed === true);
    this.#dispatchers.push(dispatcher);
    this.#callers.set(this.#dispatchers);
    dispatcher.isClosing = this.#isClosing;
    // The listener is also what keeps this thread alive while it has nothing to do.
    ends.wake.onWake(() => this.#pump.wake());
    ends.data.onArrival?.(() => {
      channel.inbox.lookIntoPort();
      this.#pump.wake();
    });
    return number;
  }

  #openDoor(): void {
    this.#door ??= new Door(this.#control, this.#data.door, {
      accept: (ends, introduction) => {
        const number = this.#connect(ends, introduction);
        // It may have written before it was heard here.
        this.#pump.wake();
        return number;
      },
      checkCallers: () => {
        countOutDeadHolders(this.#data.runner);
        for (const dispatcher of this.#dispatchers) {
          // One that has said that it leaves has counted itself out.
          if (dispatcher.hasLeft || isAlive(dispatcher.life)) continue;
          if (!dispatcher.isListed) decrementWord(new Int32Array(this.#data.runner), HOLDERS);
          this.#forsake(dispatcher);
        }
        this.#pump.wake();
      },
    });
  }

  /** Than the owner's, of those that have called. */
  #countOtherThreads(): number {
    return new Set(this.#dispatchers.map(({ channel }) => channel.caller.threadId)).size - 1;
  }

  #forsake(dispatcher: Dispatcher): void {
    this.#dispatchers = this.#dispatchers.filter((other) => other !== dispatcher);
    this.#callers.set(this.#dispatchers);
    dispatcher.channel.forsake();
  }

  async #close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#announceClosing();
    for (const dispatcher of this.#dispatchers) {
      dispatcher.isClosing = true;
      dispatcher.channel.cancelAll();
    }
    try {
      await shutDown(this.#abandoned(), this.#data.shutdownTimeoutMs, (error) =>
        this.#report(error),
      );
    } finally {
      exit(0);
    }
  }

  /**
   * A coroutine that was started before anybody imported `palitra/loop` is not in the context. If there
   * is just one such, it must be the one that asks.
   */
  #currentCall(): LoopCall | undefined {
    const current = currentCall();
    if (current !== undefined) return current;
    const others = this.#inFlight().filter((call) => !call.isInContext);
    return others.length === 1 ? others[0] : undefined;
  }

  #inFlight(): LoopCall[] {
    return this.#dispatchers.flatMap(({ channel }) => [...channel.calls.values()]);
  }

  #abandoned(): LoopCall[] {
    return this.#dispatchers.flatMap(({ channel }) => channel.abandoned());
  }

  #reportBlocked(name: string, ms: number): void {
    this.#dispatchers[0]!.channel.send(BLOCKED, 0, true, (encoder) => {
      encoder.string(name);
      encoder.f64(ms);
    });
  }

  /** To the owner; what an `exit` handler writes when that can be told nothing more goes straight out. */
  #sendOutput(descriptor: number, chunk: Uint8Array | string): Error | null {
    const owner = this.#dispatchers[0]?.channel;
    if (owner === undefined || owner.hasClosed) return writeAll(descriptor, chunk);
    owner.send(OUTPUT, descriptor, true, (encoder) => encoder.root(chunk, 'output'));
    return null;
  }

  /** An error that belongs to no coroutine. The loop lives on, as asyncio's does. */
  #report(error: unknown): void {
    // Whoever did not await something that closing has cancelled did not want to know.
    if (this.#isClosing && error instanceof CancelledError) return;
    if (this.#data.sendsUnhandled) {
      sendOutcome(error, true, (value) =>
        this.#dispatchers[0]!.channel.send(UNHANDLED, 0, true, (encoder) =>
          encoder.root(value, 'thrown'),
        ),
      );
      return;
    }
    const { name } = this.#data;
    print(`Unhandled error on palitra's loop thread "${name}", which goes on`, error);
  }
}

/** On stderr, without the event loop of any thread. */
function print(what: string, error: unknown): void {
  writeOutput(2, `${what}:\n${textOf(error)}\n`);
}

/** What was thrown may be anything, and reading it may throw once more: that must not end the loop. */
function textOf(error: unknown): string {
  if (typeof error === 'string') return error;
  try {
    return shortenOwnFrames(
      types.isNativeError(error) ? String(error.stack ?? error) : inspect(error),
    );
  } catch {
    return `${types.isNativeError(error) ? 'An error' : 'A value'} whose text cannot be read`;
  }
}
