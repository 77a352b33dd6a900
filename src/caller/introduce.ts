import { openBroadcastChannel } from '../runtime/broadcast-channel.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import type { RunnerToken } from '../token.ts';
import { readWord, setBits, sleepWhile } from '../wire/atomics.ts';
import {
  ACCEPTED,
  CALLS,
  CHANNEL_BYTES,
  CLOSED_BIT,
  DOOR,
  STATE,
  STATE_DEAD,
  STATE_STARTING,
  STATE_UNBORN,
} from '../wire/layout.ts';
import { isAlive, lifeOf, ownLifeMark, type LifeMark } from '../wire/life-mark.ts';
import type { Introduction } from '../wire/messages.ts';
import { allocateOverflow, joinByName, type ChannelEnds } from '../wire/ports.ts';
import { attendToDuties } from './duties.ts';
import { nowMs } from '../wire/clock.ts';

/** As in `Wait`: how long this thread sleeps before it looks whether the other one still lives. */
const SLICE_MS = 100;
/** As for its owner: a loop thread that has not begun by now never will. */
const START_LIMIT_MS = 10_000;

let introductions = 0;

/** A loop thread that knows this thread now. */
export interface Acquaintance {
  readonly ends: ChannelEnds;
  readonly life: LifeMark | undefined;
}

/** What came of an introduction. */
export type Joined = Acquaintance | 'late' | 'dead' | 'unborn';

/**
 * Makes this thread known to a loop thread that another one owns, and blocks until that has taken its
 * ends of the channel. Who ends the sleep: the loop thread, by opening its door and by accepting; and this
 * thread itself, which looks after every slice whether the other one is still there.
 */
export function introduce(
  token: RunnerToken,
  control: Int32Array,
  isListed: boolean,
  deadline: number,
): Joined {
  // Until its door is open the loop thread shows no mark; but it dies with the thread of its owner.
  const opened = sleepUntilSet(control, DOOR, control, token.life, deadline);
  if (opened !== true) return opened;
  const life = lifeOf(control);
  const memory = new SharedArrayBuffer(CHANNEL_BYTES);
  const overflow = allocateOverflow();
  const name = `${token.door}:${workerThreads().threadId}:${(introductions += 1)}:${Math.random()}`;
  // Its ends are there before the loop thread can write to them.
  const ends = joinByName(memory, name, overflow, 'caller');
  const door = openBroadcastChannel(token.door);
  try {
    door.postMessage({
      memory,
      name,
      overflow,
      threadId: workerThreads().threadId,
      life: ownLifeMark(),
      isListed,
    } satisfies Introduction);
    const words = new Int32Array(memory);
    const accepted = sleepUntilSet(words, ACCEPTED, control, life, deadline);
    if (accepted === true) return { ends, life };
    // It may still accept, and is to see then that nobody is there any more.
    setBits(words, CALLS.seq, CLOSED_BIT);
    ends.wake.close();
    ends.data.close();
    return accepted;
  } finally {
    door.close();
  }
}

function sleepUntilSet(
  words: Int32Array,
  index: number,
  control: Int32Array,
  life: LifeMark | undefined,
  deadline: number,
): true | Exclude<Joined, object> {
  const startDeadline = nowMs() + START_LIMIT_MS;
  for (;;) {
    if (readWord(words, index) === 1) return true;
    const state = readWord(control, STATE);
    if (state === STATE_UNBORN) return 'unborn';
    if (state >= STATE_DEAD || !isAlive(life)) return 'dead';
    const now = nowMs();
    if (now >= deadline) return 'late';
    if (state === STATE_STARTING && now >= startDeadline) return 'dead';
    sleepWhile(words, index, 0, Math.min(SLICE_MS, deadline - now));
    attendToDuties();
  }
}
