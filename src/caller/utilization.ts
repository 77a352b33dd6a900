import { readWord } from '../wire/atomics.ts';
import { MILLION, UTILIZATION } from '../wire/layout.ts';
import type { RemoteLoop } from './remote-loop.ts';

/**
 * The share of its time in which a loop thread was not waiting for something to happen. The thread is
 * asked, because `worker.performance` knows nothing until the event loop of this thread has turned, which
 * that of a blocked program never does. One that does not answer is busy, and counts as such since it
 * last did.
 */
export class Utilization {
  readonly #control: Int32Array;
  #share = 0;
  #ageMs = 0;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Blocks for the answer of a thread of this age, a little. */
  ask(loop: RemoteLoop, ageMs: number): number {
    const condition = loop.condition();
    if (condition === 'starting') return 0;
    if (condition === 'busy') {
      return (this.#share * this.#ageMs + ageMs - this.#ageMs) / ageMs;
    }
    this.#ageMs = ageMs;
    this.#share = readWord(this.#control, UTILIZATION) / MILLION;
    return this.#share;
  }
}
