import { LoopStartError, LoopThreadError, TimeoutError } from '../errors.ts';
import { openBroadcastChannel } from '../runtime/broadcast-channel.ts';
import type { RunnerToken } from '../token.ts';
import { incrementWord, raiseWord, readWord, replaceWord } from '../wire/atomics.ts';
import { hold, type Holder } from '../wire/holders.ts';
import {
  controlOf,
  GENERATION,
  NODE,
  REFUSED,
  REPLACE,
  RUNNER_CLOSED,
  RUNNER_STATE,
  SHARES,
  STATE,
  STATE_DEAD,
} from '../wire/layout.ts';
import { isAlive, ownLifeMark } from '../wire/life-mark.ts';
import { getLoopHost } from '../wire/loop-host.ts';
import { learnGraph } from '../wire/wait-graph.ts';
import { ConnectedLoop } from './connected-loop.ts';
import { DeadlockGuard } from './deadlock.ts';
import { goal, waitUntil } from './wait-until.ts';
import { closeAtExit, forgetAtExit, isTooLateToCloseAtExit } from './exit.ts';
import { introduce, type Joined } from './introduce.ts';
import type { LoopSource } from './loop-source.ts';
import { closedError } from './owned-loops.ts';
import type { Statistics } from './statistics.ts';
import { nowMs } from '../wire/clock.ts';

/** How often this thread looks whether the owner has started another loop thread. */
const POLL_MS = 2;
/** And whether the owner is still there. */
const LIFE_MS = 50;
/** The owner has to start a new loop thread, and may be blocked by something else than palitra. */
const OWNER_LIMIT_MS = 10_000;
/** Loop threads that die as soon as they have begun are joined so often in one call. */
const JOIN_LIMIT = 5;

/** The loop threads of a runner that another thread owns, one after the other. */
export class ConnectedLoops implements LoopSource {
  readonly isShared = false;
  readonly #token: RunnerToken;
  readonly #words: Int32Array;
  readonly #statistics: Statistics;
  #holder: Holder | undefined;
  #loop: ConnectedLoop | undefined;
  #generation = 0;
  #hasLeft = false;

  constructor(token: RunnerToken, statistics: Statistics) {
    this.#token = token;
    this.#words = new Int32Array(token.memory);
    this.#statistics = statistics;
    // Nobody is ever blocked for a thread that is no loop thread: it looks for no circles.
    if (getLoopHost() !== undefined) learnGraph(token.graph);
    this.#holder = hold(token, ownLifeMark());
    closeAtExit(this);
  }

  get timeoutMs(): number {
    return this.#token.timeoutMs;
  }

  get isClosed(): boolean {
    return this.#hasLeft || readWord(this.#words, RUNNER_STATE) === RUNNER_CLOSED;
  }

  get current(): ConnectedLoop | undefined {
    return this.#loop;
  }

  use(timeoutMs: number): ConnectedLoop {
    const deadline = nowMs() + timeoutMs;
    if (!this.isClosed && this.#loop?.isUsable(timeoutMs) === true) return this.#loop;
    for (let dead = 0; dead < JOIN_LIMIT; dead++) {
      if (this.isClosed) {
        this.#loop?.abandon();
        forgetAtExit(this);
        throw closedError(this.#token.name);
      }
      this.#giveUp();
      // A callback that was heard only now may have joined the next one.
      if (this.#loop?.isUsable(deadline - nowMs()) === true) return this.#loop;
      const generation = this.#untilThereIsOne(deadline, timeoutMs);
      const joined = this.#introduce(generation, deadline);
      if (joined === 'late') throw this.#lateError(timeoutMs);
      this.#generation = generation;
      if (joined === 'unborn' && !this.isClosed)
        throw this.#startError('ended before it had begun');
      if (joined === 'dead' || joined === 'unborn') continue;
      const loop = new ConnectedLoop(this.#token, generation, joined, this.#statistics);
      if (isTooLateToCloseAtExit()) loop.onIdle = () => this.#leave();
      // A callback that ran meanwhile may have joined it, and have something in flight there.
      const other = this.#loop;
      if (other === undefined || !other.isRunning) return (this.#loop = loop);
      loop.leave();
      return other;
    }
    throw new LoopThreadError(
      `The loop thread "${this.#token.name}" died before this thread could join it, and so did ${JOIN_LIMIT - 1} others after it. Nothing has been sent.`,
    );
  }

  share(): RunnerToken {
    if (this.isClosed) throw closedError(this.#token.name);
    incrementWord(this.#words, SHARES);
    return { ...this.#token, used: new SharedArrayBuffer(4) };
  }

  close(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#leave();
    forgetAtExit(this);
  }

  /** This thread ends. An `exit` handler that comes later joins the loop thread once more. */
  closeAtExit(): void {
    this.#leave();
  }

  retire(): void {
    this.close();
  }

  async closeSoon(): Promise<void> {
    this.close();
  }

  #leave(): void {
    this.#holder?.leave();
    this.#holder = undefined;
    this.#loop?.leave();
    this.#loop = undefined;
  }

  /** What is still in flight on it is lost, also when it was another caller who had it replaced. */
  #giveUp(): void {
    const loop = this.#loop;
    if (loop === undefined) return;
    this.#loop = undefined;
    this.#statistics.restarts += 1;
    loop.abandon();
  }

  /** The number of a loop thread that is not known to be dead or stuck. The owner starts one if need be. */
  #untilThereIsOne(deadline: number, timeoutMs: number): number {
    const known = this.#generation;
    const current = readWord(this.#words, GENERATION);
    if (known !== current && !this.#isDead(current)) return current;
    // A thread that has slept over a replacement must not take back what another asks for by now.
    raiseWord(this.#words, REPLACE, current);
    replaceWord(this.#words, REFUSED, current, 0);
    const owner = openBroadcastChannel(`${this.#token.door}:owner`);
    owner.postMessage(null);
    owner.close();
    const ownerDeadline = nowMs() + OWNER_LIMIT_MS;
    let lookedAt = nowMs();
    let failure: Error | undefined;
    const isKnown = (): boolean => {
      const now = nowMs();
      if (readWord(this.#words, GENERATION) !== current || this.isClosed) return true;
      if (readWord(this.#words, REFUSED) === current) {
        failure = this.#startError('cannot be started');
      } else if (now >= ownerDeadline) {
        failure = this.#ownerError(
          `is blocked by something else than palitra for ${OWNER_LIMIT_MS / 1000} s`,
        );
      } else if (now - lookedAt >= LIFE_MS) {
        lookedAt = now;
        if (!isAlive(this.#token.life)) failure = this.#ownerError('has ended');
      }
      return failure !== undefined;
    };
    if (!waitUntil(goal(isKnown, { pollMs: POLL_MS }), deadline)) throw this.#lateError(timeoutMs);
    if (failure !== undefined) throw failure;
    return readWord(this.#words, GENERATION);
  }

  #isDead(generation: number): boolean {
    return readWord(controlOf(this.#token.memory, generation), STATE) >= STATE_DEAD;
  }

  /** @throws {DeadlockError} when the loop thread is blocked for this one, and could not accept it. */
  #introduce(generation: number, deadline: number): Joined {
    const control = controlOf(this.#token.memory, generation);
    this.#holder ??= hold(this.#token, ownLifeMark());
    const guard = DeadlockGuard.for(readWord(control, NODE), this.#token.name);
    guard?.enter();
    try {
      return introduce(this.#token, control, this.#holder.isListed, deadline, guard?.node ?? 0);
    } finally {
      guard?.leave();
    }
  }

  #lateError(timeoutMs: number): TimeoutError {
    return new TimeoutError(
      `The loop thread "${this.#token.name}", which another thread owns, could not be joined within ${timeoutMs} ms: it computes without awaiting, or was to be started by its owner. Nothing has been sent.`,
    );
  }

  #startError(what: string): LoopStartError {
    return new LoopStartError(
      `The loop thread "${this.#token.name}" ${what}. Why, says a warning on the thread that owns it, or a call there. Nothing has been sent.`,
    );
  }

  #ownerError(what: string): LoopThreadError {
    return new LoopThreadError(
      `The loop thread "${this.#token.name}" has died, and its owner does not start another: that thread ${what}.`,
    );
  }
}
