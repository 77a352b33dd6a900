import { DeadlockError } from '../errors.ts';
import { publishWord, readWord, sleepWhile } from '../wire/atomics.ts';
import { nowMs } from '../wire/clock.ts';
import { ASLEEP, BLOCKED_COUNT } from '../wire/layout.ts';
import type { News } from '../wire/spin.ts';
import type { Connection } from './connection.ts';
import { thread, type Frame } from './thread.ts';

/** How long a blocked thread sleeps before it looks whether the loop thread still lives. */
const SLICE_MS = 100;
/** Not more often than so: it takes system calls. */
const ATTEND_MS = 50;

/** What a thread blocks for. */
export interface Goal extends Frame {
  readonly isSettled: boolean;
  /** Whose messages bring it, if it is brought by messages. */
  readonly connection: Connection | undefined;
  /**
   * Nobody wakes this thread for it: it has to look as often as that, in milliseconds. Undefined for what comes
   * in a message, or with the end of the loop thread.
   */
  readonly pollMs: number | undefined;
}

/** A goal that is a question, with what differs from a question to nobody. */
export function goal(isSettled: () => boolean, rest: Partial<Omit<Goal, 'isSettled'>>): Goal {
  return {
    get isSettled() {
      return isSettled();
    },
    connection: undefined,
    pollMs: undefined,
    runsUserCode: false,
    node: rest.connection?.guard?.node ?? 0,
    waitsFor: () => false,
    cutOff: () => undefined,
    ...rest,
  };
}

/** Not at all when the loop thread is blocked for this one: it could not do it before this one goes on. */
export function waitUnlessDeadlocked(end: Goal, deadline: number): void {
  try {
    waitUntil(end, deadline);
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error;
  }
}

/** What all connections of this thread have for it. */
const anyNews: News = {
  get hasNews() {
    for (const member of thread.members) if (!member.isUnreadable && member.hasNews) return true;
    return thread.invocations.length > 0;
  },
  get mayHaveNews() {
    for (const member of thread.members) {
      if (!member.isUnreadable && member.mayHaveNews) return true;
    }
    return thread.invocations.length > 0;
  },
};

/**
 * The one way in which a thread of palitra's callers blocks: until the goal is settled, or until the deadline;
 * false in that case. Meanwhile it serves all connections of this thread, whichever it is blocked for: takes
 * what they bring, and executes callbacks, one thing at a time, with a look at the deadline after each. A reply
 * that has come before the deadline counts, however late the look is.
 *
 * Who ends the sleep: whoever publishes a message, or its closed bit, for this thread, by way of ASLEEP; and
 * the thread itself, which looks after each slice whether the loop threads live, and after what it owns.
 *
 * `firstCall` and `callCount` tell the loop thread which calls would have to end for this thread to go on. With
 * a deadline, or a signal that may abort (a count of 0), it goes on by itself.
 *
 * Nothing depends on the code after the wait. Where that is cut off, its frame is found on the stack of the
 * thread, and what the loop thread has been told holds only while ASLEEP is set.
 *
 * @throws {DeadlockError} when the loop thread is blocked for this one.
 */
export function waitUntil(goal: Goal, deadline: number, firstCall = 0, callCount = 0): boolean {
  thread.dropCutOff();
  const { connection } = goal;
  const depth = thread.enter(goal, deadline);
  const until = thread.deadline;
  try {
    connection?.guard?.enter();
    // What the rings show is enough for most replies: the sequence words are left alone at first.
    let hasNews = newsFor(connection).mayHaveNews;
    if (goal.isSettled) return true;
    for (;;) {
      // A thread that is blocked again and again, and each time for a moment, never sleeps a slice.
      if (thread.duties.size > 0) attendIfDue();
      hasNews &&= isOnly(connection)
        ? connection.takeMessage()
        : thread.runInvocation() || thread.takeMessage(connection ?? null);
      if (goal.isSettled) return true;
      if (until !== Infinity && nowMs() >= until) return isSettledLate(goal);
      // What a message has asked for is executed before this thread can say that it has nothing to do.
      if (hasNews) {
        // One loop thread that sends without a break must not keep it from noticing that another one has died.
        if (thread.members.length > 1) attendIfDue();
        continue;
      }
      const news = newsFor(connection);
      hasNews =
        news.mayHaveNews ||
        (connection === undefined ? news.hasNews : connection.spinner.untilNews(news, until));
      if (hasNews) continue;
      sleep(goal, until, firstCall, until === Infinity ? callCount : 0);
      hasNews = true;
    }
  } finally {
    thread.leave(depth);
    if (connection !== undefined) {
      connection.guard?.leave();
      connection.spinner.warmUp();
      connection.loop.afterWait();
    }
  }
}

/** Has this thread one connection, as it nearly always has, and nothing else to do? */
function isOnly(connection: Connection | undefined): connection is Connection {
  return connection !== undefined && thread.members.length === 1 && thread.invocations.length === 0;
}

/** What this thread looks for. */
function newsFor(connection: Connection | undefined): News {
  return isOnly(connection) ? connection.inbox : anyNews;
}

/** Could only this loop thread make this thread go on? */
function isAlone(connection: Connection): boolean {
  return thread.members.every((member) => member === connection || !member.canCallBack);
}

/** The time is up. What had come before is looked at, and nothing of the user's is executed any more. */
function isSettledLate(goal: Goal): boolean {
  const { connection } = goal;
  connection?.lookLate(() => goal.isSettled);
  return goal.isSettled;
}

/**
 * Sleeps until there is something to do. Announce first, look again after: what was published before the
 * announcement is seen here, and whoever publishes later sees it. It holds from here to the end of the sleep, over
 * all slices of it: a loop thread that sees it may conclude that this thread has nothing to say.
 */
function sleep(goal: Goal, until: number, firstCall: number, callCount: number): void {
  const { words } = thread;
  const { connection } = goal;
  const isStranded = connection !== undefined && callCount > 0 && isAlone(connection);
  if (isStranded) thread.announce(connection.channel, firstCall, callCount);
  else if (words[BLOCKED_COUNT] !== 0) thread.announce(0, 0, 0);
  publishWord(words, ASLEEP, 1);
  // It may have gone to sleep while this thread could still call it: it has to look around again.
  if (isStranded) connection.wakeLoop();
  const since = nowMs();
  const { members } = thread;
  for (const member of members) member.wakeLoopIfOwed();
  // When a loop thread has died, the one that is left may be the only one that could make this thread go on.
  while (
    readWord(words, ASLEEP) === 1 &&
    !anyNews.hasNews &&
    !goal.isSettled &&
    thread.members === members
  ) {
    const now = nowMs();
    if (now >= until) break;
    // What takes long may be noticed a little later: looking takes time of the processor's.
    const pollMs = Math.max(goal.pollMs ?? SLICE_MS, (now - since) / 32);
    sleepWhile(words, ASLEEP, 1, Math.min(pollMs, SLICE_MS, until - now));
    attendIfDue();
  }
  publishWord(words, ASLEEP, 0);
}

/** Looks after what this thread owns, and whether its loop threads live. */
function attendIfDue(): void {
  const now = nowMs();
  if (now - thread.attendedAt < ATTEND_MS) return;
  thread.attendedAt = now;
  thread.runUserCode(() => {
    for (const duty of thread.duties) duty();
  });
  for (const member of thread.members) member.checkLife();
}

/** The function that is returned ends the duty. */
export function takeOnDuty(duty: () => void): () => void {
  thread.duties.add(duty);
  return () => thread.duties.delete(duty);
}
