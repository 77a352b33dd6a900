import { openBroadcastChannel } from '../runtime/broadcast-channel.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import type { RunnerToken } from '../token.ts';
import { readWord, setBits } from '../wire/atomics.ts';
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
import { nowMs } from '../wire/clock.ts';
import { thread } from './thread.ts';
import { goal, waitUntil } from './wait-until.ts';

/** Nobody wakes a thread that is waiting to be let in: it has not been introduced. */
const POLL_MS = 1;
/** How often it looks whether the other one is still there. */
const LIFE_MS = 50;
/** As for its owner: a loop thread that has not begun by now never will. */
const START_LIMIT_MS = 10_000;

let introductions = 0;

/** A loop thread that knows this thread now. */
export interface Acquaintance {
  readonly ends: ChannelEnds;
  /** What this thread calls the channel. */
  readonly channel: number;
  /** What the loop thread calls it. */
  readonly number: number;
  readonly life: LifeMark | undefined;
}

/** What came of an introduction. */
export type Joined = Acquaintance | 'late' | 'dead' | 'unborn';

/**
 * Makes this thread known to a loop thread that another one owns, and blocks until that has taken its
 * ends of the channel. This thread looks itself whether it has, and whether the other one is still there.
 */
export function introduce(
  token: RunnerToken,
  control: Int32Array,
  isListed: boolean,
  deadline: number,
  node: number,
): Joined {
  // Until its door is open the loop thread shows no mark; but it dies with the thread of its owner.
  const opened = untilSet(control, DOOR, control, token.life, deadline, node);
  if (opened !== true) return opened;
  const life = lifeOf(control);
  const memory = new SharedArrayBuffer(CHANNEL_BYTES);
  const overflow = allocateOverflow();
  const name = `${token.door}:${workerThreads().threadId}:${(introductions += 1)}:${Math.random()}`;
  // Its ends are there before the loop thread can write to them.
  const ends = joinByName(memory, name, overflow, 'caller');
  const channel = thread.nextChannel();
  const words = new Int32Array(memory);
  /** It may still accept, and is to see then that nobody is there any more. */
  const giveUp = (): void => {
    setBits(words, CALLS.seq, CLOSED_BIT);
    ends.wake.close();
    ends.data.close();
  };
  const door = openBroadcastChannel(token.door);
  try {
    door.postMessage({
      number: channel,
      thread: thread.memory,
      memory,
      name,
      overflow,
      threadId: workerThreads().threadId,
      life: ownLifeMark(),
      isListed,
    } satisfies Introduction);
    const accepted = untilSet(words, ACCEPTED, control, life, deadline, node, giveUp);
    if (accepted === true) return { ends, channel, number: readWord(words, ACCEPTED), life };
    giveUp();
    return accepted;
  } finally {
    door.close();
  }
}

function untilSet(
  words: Int32Array,
  index: number,
  control: Int32Array,
  life: LifeMark | undefined,
  deadline: number,
  node: number,
  cutOff: () => void = () => undefined,
): true | Exclude<Joined, object> {
  const startDeadline = nowMs() + START_LIMIT_MS;
  let outcome: true | Exclude<Joined, object> = 'late';
  let lookedAt = 0;
  const isKnown = (): boolean => {
    const now = nowMs();
    const state = readWord(control, STATE);
    if (readWord(words, index) !== 0) outcome = true;
    else if (state === STATE_UNBORN) outcome = 'unborn';
    else if (state >= STATE_DEAD) outcome = 'dead';
    else if (state === STATE_STARTING && now >= startDeadline) outcome = 'dead';
    else if (now - lookedAt >= LIFE_MS) {
      lookedAt = now;
      if (!isAlive(life)) outcome = 'dead';
    }
    return outcome !== 'late';
  };
  waitUntil(goal(isKnown, { pollMs: POLL_MS, node, cutOff }), deadline);
  return outcome;
}
