import { CancelledError, LoopThreadError } from '../errors.ts';
import type { RunnerToken } from '../token.ts';
import { readWord } from '../wire/atomics.ts';
import {
  controlOf,
  EXIT_CODE,
  GENERATION,
  GENERATIONS,
  NODE,
  RUNNER_CLOSED,
  RUNNER_STATE,
  STATE,
  STATE_DEAD,
  STATE_ENDING,
  STATE_LOST,
  THREAD_ID,
} from '../wire/layout.ts';
import { isAlive, type LifeMark } from '../wire/life-mark.ts';
import { Spinner } from '../wire/spin.ts';
import { Connection, SPIN_MS } from './connection.ts';
import { DeadlockGuard } from './deadlock.ts';
import { cutOffError } from './owned-loop.ts';
import type { Acquaintance } from './introduce.ts';
import type { PendingCall } from './pending-call.ts';
import type { LoopCondition, RemoteLoop } from './remote-loop.ts';
import { Responsiveness } from './responsiveness.ts';
import type { Statistics } from './statistics.ts';
import { Utilization } from './utilization.ts';
import { clearInterval, nowMs, setInterval } from '../wire/clock.ts';

/** Looking whether it lives is a system call, which takes longer than a hot call: not more often than so. */
const TRUST_MS = 1;
/** How often a thread that awaits something from there looks whether the loop thread still lives. */
const LOOK_MS = 100;

/** A loop thread that another thread owns, joined by this one. */
export class ConnectedLoop implements RemoteLoop {
  readonly connection: Connection;
  readonly startedAt = nowMs();
  readonly reports = undefined;
  readonly heldBy = { ports: 1, timers: 1 };
  /** For one that an `exit` handler joins so late that nobody leaves it: as `closesWhenIdle` of one that is owned. */
  onIdle: (() => void) | undefined;
  readonly #token: RunnerToken;
  readonly #runner: Int32Array;
  readonly #generation: number;
  readonly #control: Int32Array;
  readonly #life: LifeMark | undefined;
  readonly #responsiveness: Responsiveness;
  readonly #utilization: Utilization;
  #deathWatch: NodeJS.Timeout | undefined;
  #isLeaving = false;
  #isStuck = false;
  #seenAliveAt = 0;

  constructor(
    token: RunnerToken,
    generation: number,
    { ends, channel, number, life }: Acquaintance,
    statistics: Statistics,
  ) {
    this.#token = token;
    this.#runner = new Int32Array(token.memory);
    this.#generation = generation;
    this.#control = controlOf(token.memory, generation);
    this.#life = life;
    this.#utilization = new Utilization(this.#control);
    this.connection = new Connection(
      this.#control,
      ends,
      channel,
      new Spinner(token.shouldSpin ? SPIN_MS : 0),
      this,
      statistics,
      DeadlockGuard.for(readWord(this.#control, NODE), token.name),
    );
    this.#responsiveness = new Responsiveness(this.#control, this.connection, number);
  }

  get utilization(): number {
    return this.#utilization.ask(this, nowMs() - this.startedAt);
  }

  get threadId(): number {
    return readWord(this.#control, THREAD_ID);
  }

  get isRunning(): boolean {
    if (this.connection.failure !== undefined || this.#state >= STATE_ENDING) return false;
    const now = nowMs();
    if (now - this.#seenAliveAt < TRUST_MS) return true;
    if (!isAlive(this.#life)) return false;
    this.#seenAliveAt = now;
    return true;
  }

  cancel(call: PendingCall, reason: unknown): void {
    this.#responsiveness.cancel(call, reason);
  }

  condition(): LoopCondition {
    return this.#responsiveness.condition();
  }

  /** False when it is dead, or stuck: then its owner has to replace it. */
  isUsable(patienceMs: number): boolean {
    if (!this.isRunning) return false;
    this.#isStuck = this.#responsiveness.untilTurning(nowMs() + patienceMs) !== undefined;
    return !this.#isStuck && this.isRunning;
  }

  failIfStuck(): void {
    if (this.isRunning && !this.isUsable(Infinity) && this.#isStuck) this.abandon();
  }

  breakOff(): void {
    this.connection.leave();
    this.connection.fail(cutOffError(this.#token.name));
  }

  checkDeath(): Error | undefined {
    const isDead = this.#state >= STATE_DEAD || !isAlive(this.#life);
    return isDead ? this.deathError() : undefined;
  }

  get #state(): number {
    const later = readWord(this.#runner, GENERATION) - this.#generation;
    // After so many others the control block is another's.
    return later >= GENERATIONS ? STATE_LOST : readWord(this.#control, STATE);
  }

  deathError(): Error {
    const { name } = this.#token;
    const isClosed = readWord(this.#runner, RUNNER_STATE) === RUNNER_CLOSED;
    if (this.#isLeaving || isClosed) {
      return new CancelledError(`The runner "${name}" was closed while a call was in flight.`);
    }
    if (this.#isStuck) {
      return new LoopThreadError(
        `The loop thread "${name}" had stopped responding, and is replaced. What was in flight on it is lost; the next call runs on a new one.`,
      );
    }
    const exitCode = this.#state === STATE_DEAD ? readWord(this.#control, EXIT_CODE) : undefined;
    const how =
      exitCode === undefined
        ? 'died without a word (out of memory, terminated, or with the thread that owns it)'
        : `ended with exit code ${exitCode} (process.exit() on it ends the thread)`;
    return new LoopThreadError(
      `The loop thread "${name}" ${how} while a call was in flight. The next call runs on a new one, if its owner lives.`,
      { exitCode },
    );
  }

  /** Nobody tells this thread's event loop of a death without a word: it has to look. */
  ref(): void {
    this.#deathWatch ??= setInterval(() => {
      const death = this.checkDeath();
      if (death === undefined) return;
      this.connection.takeMessages();
      this.connection.fail(death);
    }, LOOK_MS);
  }

  unref(): void {
    clearInterval(this.#deathWatch);
    this.#deathWatch = undefined;
  }

  afterWait(): void {
    const { calls, handlesHeld } = this.connection;
    if (calls.size === 0 && handlesHeld === 0) this.onIdle?.();
  }

  /** This thread's part ends; the loop thread goes on. */
  leave(): void {
    this.#isLeaving = true;
    this.abandon();
  }

  /** It is of no use any more. What has ended on it before is no loss. */
  abandon(): void {
    // First, because a callback is answered, and a number that is stored takes the closed bit away.
    this.connection.takeMessages();
    // A loop thread that was stuck may recover. Of one that has died the control block may be another's.
    if (this.#state < STATE_DEAD) this.connection.leave();
    this.connection.fail(this.deathError());
  }
}
