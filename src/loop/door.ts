import { openBroadcastChannel } from '../runtime/broadcast-channel.ts';
import { publishWord, readWord } from '../wire/atomics.ts';
import { ACCEPTED, CONNECTS, DOOR, HOLDERS, SHARES } from '../wire/layout.ts';
import { showLifeMark } from '../wire/life-mark.ts';
import type { Introduction } from '../wire/messages.ts';
import { joinByName, type ChannelEnds } from '../wire/ports.ts';
import { setInterval } from '../wire/clock.ts';

/** How often this thread looks whether its callers are still alive; they may end without a word. */
const CHECK_MS = 1_000;

/** What the door asks of the loop thread. */
export interface DoorKeeper {
  /** A caller has introduced itself. Returns the number of its channel. */
  accept(ends: ChannelEnds, introduction: Introduction): number;
  /** Looks whether a caller has gone, or could still come. */
  checkCallers(): void;
}

/** How threads that this one has never met become its callers, once its runner has been shared. */
export class Door {
  readonly #runner: Int32Array;

  constructor(control: Int32Array, name: string, keeper: DoorKeeper) {
    this.#runner = new Int32Array(control.buffer, 0, 32);
    const door = openBroadcastChannel(name);
    door.addEventListener('message', (event) => {
      const introduction = (event as MessageEvent).data as Introduction;
      const { memory, name, overflow } = introduction;
      const number = keeper.accept(joinByName(memory, name, overflow, 'loop'), introduction);
      publishWord(new Int32Array(memory), ACCEPTED, number);
    });
    door.unref();
    setInterval(() => keeper.checkCallers(), CHECK_MS).unref();
    showLifeMark(control);
    publishWord(control, DOOR, 1);
  }

  /**
   * Is there a thread that has a token, and could still call this loop for the first time? `callers` is how
   * many threads have called it, without the owner's.
   */
  isAwaited(callers: number): boolean {
    const words = this.#runner;
    return (
      readWord(words, SHARES) > readWord(words, CONNECTS) || readWord(words, HOLDERS) > callers
    );
  }
}
