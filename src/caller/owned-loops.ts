import { availableParallelism } from 'node:os';
import { DeadlockError, LoopStartError, RunnerClosedError } from '../errors.ts';
import { checkDuration, type RunnerOptions } from '../options.ts';
import { openBroadcastChannel } from '../runtime/broadcast-channel.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import type { RunnerToken } from '../token.ts';
import { incrementWord, publishWord, readWord } from '../wire/atomics.ts';
import {
  GENERATION,
  GENERATIONS,
  REFUSED,
  REPLACE,
  RUNNER_BYTES,
  RUNNER_CLOSED,
  RUNNER_STATE,
  SHARES,
} from '../wire/layout.ts';
import { holdAsOwner } from '../wire/holders.ts';
import { ownLifeMark } from '../wire/life-mark.ts';
import { getLoopHost } from '../wire/loop-host.ts';
import { graphOfThisThread } from './deadlock.ts';
import { debug } from './debug.ts';
import { takeOnDuty } from './wait-until.ts';
import { closeAtExit, forgetAtExit, isTooLateToCloseAtExit } from './exit.ts';
import type { LoopSource } from './loop-source.ts';
import { inNoContext } from '../wire/no-context.ts';
import { OwnedLoop } from './owned-loop.ts';
import { DEFAULT_NAME, type Birth } from './spawn.ts';
import type { Statistics } from './statistics.ts';

/** Loop threads may use loop threads of their own, so deep. */
const MAX_DEPTH = 4;

/** The loop threads of a runner, one after the other, which this thread starts and ends. */
export class OwnedLoops implements LoopSource {
  readonly timeoutMs: number;
  readonly #options: RunnerOptions;
  readonly #name: string;
  readonly #statistics: Statistics;
  readonly #door = `palitra:${workerThreads().threadId}:${Math.random()}`;
  readonly #memory = new SharedArrayBuffer(RUNNER_BYTES);
  readonly #words = new Int32Array(this.#memory);
  #loop: OwnedLoop | undefined;
  #generation = 0;
  /** Loop threads whose `exit` event has not been heard: this thread's event loop may not have turned for long. */
  readonly #unburied = new Map<number, OwnedLoop>();
  #stopSharing: (() => void) | undefined;
  isClosed = false;

  constructor(options: RunnerOptions, statistics: Statistics) {
    this.#options = options;
    this.#name = options.name ?? DEFAULT_NAME;
    this.#statistics = statistics;
    this.timeoutMs = checkDuration(options.timeout, 'timeout');
  }

  get current(): OwnedLoop | undefined {
    return this.isClosed ? undefined : this.#loop;
  }

  get isShared(): boolean {
    return this.#stopSharing !== undefined;
  }

  use(timeoutMs = Infinity): OwnedLoop {
    const loop = this.current;
    if (loop?.isUsable(timeoutMs) === true) return loop;
    // A callback that was heard only now may have started the next one.
    return this.current === loop ? this.#start() : this.use(timeoutMs);
  }

  share(): RunnerToken {
    const loop = this.use();
    incrementWord(this.#words, SHARES);
    if (this.#stopSharing === undefined) {
      const leave = holdAsOwner(this.#door);
      const stopLooking = this.#lookAfterOthers();
      this.#stopSharing = () => {
        stopLooking();
        leave();
      };
      loop.openDoor();
    }
    return {
      palitra: 'runner',
      name: this.#name,
      door: this.#door,
      memory: this.#memory,
      used: new SharedArrayBuffer(4),
      graph: graphOfThisThread(),
      life: ownLifeMark(),
      timeoutMs: this.timeoutMs,
      shouldSpin: this.#options.waitStrategy !== 'sleep' && availableParallelism() > 1,
    };
  }

  close(): void {
    this.isClosed = true;
    this.closeAtExit();
    forgetAtExit(this);
  }

  async closeSoon(): Promise<void> {
    this.isClosed = true;
    await this.#endSoon();
  }

  /** This thread ends. An `exit` handler that comes later gets a loop thread all the same. */
  closeAtExit(): void {
    this.#endForOthers();
    this.#loop = undefined;
    // One that has died may still be cleaning up what it owned itself.
    for (const loop of this.#unburied.values()) loop.close();
  }

  /** The context of the runner is done with. A call that comes all the same gets a new loop thread. */
  retire(): void {
    void this.#endSoon();
  }

  async #endSoon(): Promise<void> {
    this.#endForOthers();
    await this.#loop?.closeSoon();
    this.#forgetAtExit();
  }

  /**
   * A loop thread has ended. What it leaves behind must not be held: the error that says how it died may
   * hold whoever was on the stack, and so the runner.
   */
  #forget(loop: OwnedLoop, generation: number): void {
    this.#unburied.delete(generation);
    const { failure } = loop.connection;
    if (this.isShared && failure instanceof LoopStartError) warnOfStart(failure);
    if (this.#loop !== loop) return;
    this.#loop = undefined;
    this.#forgetAtExit();
  }

  /** Nothing is left to be closed, and nobody to be told. */
  #forgetAtExit(): void {
    if (this.#loop === undefined && !this.isShared) forgetAtExit(this);
  }

  #endForOthers(): void {
    publishWord(this.#words, RUNNER_STATE, RUNNER_CLOSED);
    this.#stopSharing?.();
    this.#stopSharing = undefined;
  }

  #start(): OwnedLoop {
    if (this.isClosed) throw closedError(this.#name);
    const depth = (getLoopHost()?.depth ?? 0) + 1;
    if (depth > MAX_DEPTH) {
      throw new DeadlockError(
        `A loop thread was to be started ${depth} loop threads deep; the limit is ${MAX_DEPTH}. ` +
          'Code on a loop thread can await: call the async function itself instead of run().',
      );
    }
    const generation = this.#generation + 1;
    // What it has to say is heard before its control block gets another owner; a callback may run.
    this.#unburied.get(generation - GENERATIONS)?.bury();
    this.#unburied.delete(generation - GENERATIONS);
    if (this.isClosed || this.#generation >= generation) return this.use();
    const birth: Birth = {
      options: this.#options,
      depth,
      runner: this.#memory,
      generation,
      door: this.#door,
      isShared: this.isShared,
    };
    const loop: OwnedLoop = inNoContext(
      () => new OwnedLoop(birth, this.#statistics, () => this.#forget(loop, generation)),
    );
    if (generation > 1) this.#statistics.restarts += 1;
    this.#unburied.get(generation - 1)?.tellEnd();
    const isNext = generation > 1 ? ', in the place of the one before' : '';
    debug(`the loop thread "${this.#name}" was started${isNext}`);
    this.#generation = generation;
    this.#unburied.set(generation, loop);
    this.#loop = loop;
    publishWord(this.#words, GENERATION, this.#generation);
    if (isTooLateToCloseAtExit()) loop.closesWhenIdle = true;
    else closeAtExit(this);
    return loop;
  }

  /**
   * Callers on other threads cannot start a loop thread: they ask for one here, when they find this one
   * dead or stuck. Heard when this thread's event loop turns, and when it is blocked by palitra.
   */
  #lookAfterOthers(): () => void {
    const attend = (): void => {
      const loop = this.#loop;
      if (this.isClosed) return;
      const death = loop?.connection.failure ?? loop?.checkDeath();
      if (death !== undefined) {
        // What has ended on it before is no loss.
        loop?.connection.takeMessages();
        loop?.connection.fail(death);
      }
      const request = readWord(this.#words, REPLACE);
      if (request !== this.#generation || request === readWord(this.#words, REFUSED)) return;
      if (loop?.isRunning === true) loop.replace('a call of another thread');
      if (request !== this.#generation) return;
      try {
        this.#start();
      } catch (error) {
        // It is not this thread's call that cannot be made, and not the fault of whatever waits here.
        publishWord(this.#words, REFUSED, request);
        warnOfStart(error as Error);
      }
    };
    const requests = openBroadcastChannel(`${this.#door}:owner`);
    requests.addEventListener('message', attend);
    requests.unref();
    const stopAttending = takeOnDuty(attend);
    return () => {
      stopAttending();
      requests.close();
    };
  }
}

/** Other threads have nobody to ask why. */
function warnOfStart(error: Error): void {
  process.emitWarning(`A loop thread that other threads use as well: ${error.message}`, {
    type: 'PalitraWarning',
    code: 'PALITRA_LOOP_NOT_STARTED',
  });
}

export function closedError(name: string): RunnerClosedError {
  return new RunnerClosedError(
    `The runner "${name}" is closed: make a new EventLoopThreadRunner, or use the global run().`,
  );
}
