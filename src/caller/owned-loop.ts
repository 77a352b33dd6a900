import { CancelledError, LoopStartError, LoopThreadError } from '../errors.ts';
import type { RunnerOptions } from '../options.ts';
import { endWorker } from '../runtime/end-worker.ts';
import { isBun } from '../runtime/which.ts';
import { readWord, replaceWord } from '../wire/atomics.ts';
import {
  EXIT_CODE,
  OWNER_CHANNEL,
  STATE,
  STATE_CLOSING,
  STATE_DEAD,
  STATE_ENDING,
  STATE_LOST,
  STATE_RUNNING,
  STATE_STARTING,
  STATE_UNBORN,
} from '../wire/layout.ts';
import { OPEN_DOOR } from '../wire/messages.ts';
import { NativePromise } from '../wire/natives.ts';
import { Spinner } from '../wire/spin.ts';
import { startTimer } from '../wire/timer.ts';
import { releaseNode } from '../wire/wait-graph.ts';
import { Connection, SPIN_MS } from './connection.ts';
import { debug } from './debug.ts';
import { DeadlockGuard } from './deadlock.ts';
import { Liveness } from './liveness.ts';
import type { PendingCall } from './pending-call.ts';
import type { LoopCondition, RemoteLoop } from './remote-loop.ts';
import { Reports } from './reports.ts';
import { Responsiveness } from './responsiveness.ts';
import type { Statistics } from './statistics.ts';
import { goal, waitUnlessDeadlocked, waitUntil } from './wait-until.ts';
import { DEFAULT_NAME, DEFAULT_SHUTDOWN_MS, spawn, type Birth, type Spawned } from './spawn.ts';
import { Utilization } from './utilization.ts';
import { clearTimeout, nowMs, setTimeout } from '../wire/clock.ts';

/** A loop thread that has not begun by now never will. */
const START_LIMIT_MS = 10_000;

/**
 * In Bun 1.4 the thread of a worker that has ended stays until the work is done that it has given to the thread
 * pool (`pbkdf2`), so that says nothing: what runs there at the end has so long.
 */
const BUN_GONE_MS = 100;

/** A loop thread that this thread has started: its connection, its life and its end. */
export class OwnedLoop implements RemoteLoop {
  readonly connection: Connection;
  /**
   * For a loop thread that an `exit` handler starts so late that nobody closes it: it is closed whenever
   * nothing is in flight on it and no handle to it is held, because the handler that waits for it now may
   * be the last.
   */
  closesWhenIdle = false;
  readonly startedAt = nowMs();
  readonly reports: Reports;
  /** That of the worker, and the one that wakes this thread. */
  readonly heldBy = { ports: 2, timers: 0 };
  readonly #options: RunnerOptions;
  readonly #name: string;
  readonly #spawned: Spawned;
  readonly #liveness: Liveness;
  readonly #utilization: Utilization;
  readonly #ended: Promise<void>;
  readonly #responsiveness: Responsiveness;
  #startTimer: NodeJS.Timeout;
  #cause: unknown;
  #isClosing = false;
  #isReplaced = false;
  #isInGraph = true;
  #isBuried = false;
  #isEndTold = false;

  /** @param onEnd is told when the thread has ended. */
  constructor(birth: Birth, statistics: Statistics, onEnd: () => void) {
    this.#options = birth.options;
    this.#name = birth.options.name ?? DEFAULT_NAME;
    this.#spawned = spawn(birth);
    const { worker, control, ends, channel, node, shouldSpin } = this.#spawned;
    this.reports = new Reports(birth.options, this.#name);
    this.#utilization = new Utilization(control);
    this.#liveness = new Liveness(this.#spawned.liveness, control, this.#spawned.isThere);
    this.connection = new Connection(
      control,
      ends,
      channel,
      new Spinner(shouldSpin ? SPIN_MS : 0),
      this,
      statistics,
      DeadlockGuard.for(node, this.#name),
    );
    this.#responsiveness = new Responsiveness(control, this.connection, OWNER_CHANNEL);
    worker.on('error', (error) => {
      this.#cause = error;
    });
    this.#ended = new NativePromise((resolve) => {
      worker.once('exit', () => {
        this.bury();
        onEnd();
        resolve();
      });
    });
    this.#startTimer = setTimeout(() => this.#checkStart(), START_LIMIT_MS);
    this.#startTimer.unref();
  }

  get threadId(): number {
    return this.#spawned.worker.threadId;
  }

  get isRunning(): boolean {
    return (
      this.connection.failure === undefined && readWord(this.#spawned.control, STATE) < STATE_ENDING
    );
  }

  cancel(call: PendingCall, reason: unknown): void {
    this.#responsiveness.cancel(call, reason);
  }

  condition(): LoopCondition {
    return this.#responsiveness.condition();
  }

  /**
   * Can it take another call? Waits, `patienceMs` at the most, for a loop thread that has not read that calls
   * were given up. One that is stuck with such a call is replaced.
   */
  isUsable(patienceMs: number): boolean {
    if (!this.isRunning) return false;
    const stuck = this.#responsiveness.untilTurning(nowMs() + patienceMs);
    if (stuck !== undefined && this.isRunning) this.replace(stuck);
    return this.isRunning;
  }

  failIfStuck(): void {
    this.isUsable(Infinity);
  }

  ref(): void {
    this.#spawned.worker.ref();
  }

  unref(): void {
    this.#spawned.worker.unref();
  }

  afterWait(): void {
    const { calls, handlesHeld } = this.connection;
    if (!this.closesWhenIdle || calls.size > 0 || handlesHeld > 0) return;
    this.closesWhenIdle = false;
    this.close();
  }

  checkDeath(): Error | undefined {
    const { control } = this.#spawned;
    const state = readWord(control, STATE);
    if (state >= STATE_DEAD) return this.deathError();
    if (!this.#liveness.check()) {
      this.#markLost();
      return this.deathError();
    }
    if (state === STATE_STARTING && nowMs() - this.startedAt > START_LIMIT_MS) {
      const error = this.#startError(`did not begin within ${START_LIMIT_MS / 1000} s`);
      this.connection.fail(error);
      this.terminate();
      return error;
    }
    return undefined;
  }

  deathError(): Error {
    const { control } = this.#spawned;
    if (this.#isClosing) {
      return new CancelledError(
        `The runner "${this.#name}" was closed while a call was in flight.`,
      );
    }
    const state = readWord(control, STATE);
    if (state === STATE_STARTING || state === STATE_UNBORN) {
      return this.#startError('ended before it had begun');
    }
    if (this.#isReplaced) {
      return new LoopThreadError(
        `The loop thread "${this.#name}" was replaced because it had stopped responding. What was in flight on it is lost; the next call runs on a new one.`,
      );
    }
    const exitCode = state === STATE_DEAD ? readWord(control, EXIT_CODE) : undefined;
    const how =
      exitCode === undefined
        ? 'died without a word (out of memory, or terminated)'
        : `ended with exit code ${exitCode} (process.exit() on it ends the thread)`;
    return new LoopThreadError(
      `The loop thread "${this.#name}" ${how} while a call was in flight. The next call starts a new one.`,
      { exitCode, cause: this.#cause },
    );
  }

  get utilization(): number {
    return this.#utilization.ask(this, nowMs() - this.startedAt);
  }

  /**
   * Ends the thread: cancels what is in flight, lets it clean up, and blocks until it is gone, at most
   * for `shutdownTimeout`. Also when it is ending already: the process may exit meanwhile.
   */
  close(): void {
    const deadline = nowMs() + this.#beginToClose();
    const { connection } = this;
    const isOver = (): boolean =>
      connection.failure !== undefined || this.#responsiveness.stuck !== undefined;
    const end = goal(isOver, {
      connection,
      // Nobody tells that a thread is stuck.
      pollMs: this.#responsiveness.isWaiting ? 10 : undefined,
      waitsFor: (call) => connection.calls.has((call as PendingCall).id),
    });
    try {
      if (connection.failure === undefined) waitUnlessDeadlocked(end, deadline);
      this.#untilGone(deadline);
    } finally {
      // Also when its last message cannot be read: whoever waits for another loop thread would come upon it again.
      this.terminate();
    }
  }

  /**
   * After its last words to palitra come the program's own `exit` listeners there, and what the platform writes
   * at the end, such as V8's coverage.
   */
  #untilGone(deadline: number): void {
    if (this.#isBuried || readWord(this.#spawned.control, STATE) !== STATE_DEAD) return;
    const limit = isBun ? nowMs() + BUN_GONE_MS : Infinity;
    const isGone = (): boolean => !this.#liveness.check();
    waitUntil(goal(isGone, { pollMs: 0.5 }), Math.min(deadline, limit));
  }

  /** As {@link close}, without blocking. Resolves when the thread is gone. */
  async closeSoon(): Promise<void> {
    const limitMs = this.#beginToClose();
    this.ref();
    const timer = startTimer(() => this.terminate(), limitMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends the thread at once. */
  terminate(): void {
    if (this.#isBuried) return;
    clearTimeout(this.#startTimer);
    const { worker, control } = this.#spawned;
    const isEnding = readWord(control, STATE) >= STATE_ENDING;
    // What it has printed is not lost with it.
    if (this.#options.stdio === 'caller') this.connection.takeMessages();
    this.connection.fail(this.deathError());
    this.#markLost();
    this.tellEnd();
    this.#liveness.close();
    // On a thread that ends with it, its `exit` event never comes.
    if (readWord(control, STATE) === STATE_DEAD) this.#leaveGraph();
    endWorker(worker, isEnding || readWord(control, STATE) === STATE_DEAD);
  }

  /** Other threads will introduce themselves. */
  openDoor(): void {
    this.connection.send(OPEN_DOOR, 0, () => undefined);
  }

  /** It has stopped responding: the next call gets another one. */
  replace(label: string): void {
    // What has ended on it before is no loss.
    this.connection.takeMessages();
    this.#isReplaced = true;
    debug(
      `the loop thread "${this.#name}" is replaced: it did not respond after "${label}" was aborted`,
    );
    process.emitWarning(
      `The loop thread "${this.#name}" did not respond after "${label}" was aborted, and is replaced by a new one. ` +
        'A coroutine that computes for long should await now and then, and look at getSignal().aborted.',
      { type: 'PalitraWarning', code: 'PALITRA_LOOP_REPLACED' },
    );
    this.terminate();
  }

  breakOff(): void {
    this.connection.fail(cutOffError(this.#name));
    this.terminate();
  }

  /** Asks the thread to end; returns how long that may take. */
  #beginToClose(): number {
    if (!this.#isClosing) this.connection.askToClose();
    this.#isClosing = true;
    return this.#options.shutdownTimeout ?? DEFAULT_SHUTDOWN_MS;
  }

  /** Callers on other threads look here for its end, in case it had no last words. */
  #markLost(): void {
    const { control } = this.#spawned;
    replaceWord(control, STATE, STATE_STARTING, STATE_UNBORN);
    for (const state of [STATE_RUNNING, STATE_CLOSING, STATE_ENDING]) {
      replaceWord(control, STATE, state, STATE_LOST);
    }
  }

  /** The thread is gone, whether its `exit` event has been heard or not. From here on its control block is another's. */
  bury(): void {
    if (this.#isBuried) return;
    this.#isBuried = true;
    clearTimeout(this.#startTimer);
    this.connection.takeMessages();
    this.connection.fail(this.deathError());
    this.#markLost();
    this.tellEnd();
    this.#leaveGraph();
    this.#liveness.close();
  }

  /** While debugging. A call may see its death before its `exit` event is heard. */
  tellEnd(): void {
    if (this.#isEndTold) return;
    this.#isEndTold = true;
    const { control } = this.#spawned;
    const isDead = readWord(control, STATE) === STATE_DEAD;
    const how = isDead
      ? `ended with exit code ${readWord(control, EXIT_CODE)}`
      : 'was terminated, or died';
    debug(`the loop thread "${this.#name}" ${how}`);
  }

  /** Once: afterwards its place may be another loop thread's. */
  #leaveGraph(): void {
    if (this.#isInGraph) releaseNode(this.#spawned.node);
    this.#isInGraph = false;
  }

  #checkStart(): void {
    const death = this.connection.failure === undefined ? this.checkDeath() : undefined;
    if (death !== undefined) this.connection.fail(death);
  }

  #startError(what: string): LoopStartError {
    const { execArgv, workerUrl } = this.#options;
    const code =
      workerUrl === undefined
        ? ''
        : ` Its code was to come from workerUrl ${String(workerUrl)}: is that a copy of palitra/worker?`;
    const args =
      execArgv === undefined
        ? ''
        : ` It was started with execArgv ${JSON.stringify(execArgv)}: does all that is loaded by that exist?`;
    return new LoopStartError(`The loop thread "${this.#name}" ${what}.${code}${args}`, {
      cause: this.#cause,
    });
  }
}

export function cutOffError(name: string): LoopThreadError {
  return new LoopThreadError(
    `The connection to the loop thread "${name}" was cut off in the middle of a message, by the timeout of node:vm or by Ctrl-C. What was in flight is lost; the next call starts a new one.`,
  );
}
