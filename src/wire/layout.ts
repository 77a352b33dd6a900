/**
 * The shared bytes. Each 64-byte line is written by one side only, so that the two cores do not
 * take a cache line from each other without need. `C` is the calling thread, `L` the loop thread.
 *
 * ```text
 * runner block: one per runner, known to every thread that has its token. `O` is the owner
 *   word  0  RUNNER_STATE O      open → closed
 *   word  1  GENERATION   O      how many loop threads there have been
 *   word  2  SHARES       O, C   tokens given away
 *   word  3  CONNECTS     C      those of them that a runner has been made from
 *   word  4  HOLDERS      C, L   threads that have such runners, not closed, and have not ended
 *   word  5  REFUSED      O, C   the generation after which the owner could not start another; a caller that asks
 *                                once more swaps it to 0
 *   word  6  TICKETS      C      runners made from tokens
 *   word 16  REPLACE      C      the generation that a caller has found dead or stuck
 *   byte 128 ……… control blocks, of which generation g has the one numbered g mod GENERATIONS
 *   then     ……… HOLDER_PLACES places for those of whose thread one can see whether it lives
 *
 * place of a holder
 *   word  0  TICKET       C, L   which of the runners that were made from tokens; 0: free; -1: being written
 *   word  1  FD           C      the file that is open while its thread lives, as LIFE_FD below
 *   byte  8  INODE        C      (64 bits)
 *   byte 16  MADE_AT      C      (64 bits)
 *
 * control block: one per loop thread, shared by all its callers
 *   word  0  STATE        L, O   starting → running → closing or ending → dead; or, as its owner found out, lost,
 *                                or unborn
 *   word  1  EXIT_CODE    L      set before STATE becomes dead
 *   word  2  THREAD_ID    L
 *   word  3  DOOR         L      1: threads that have the token may introduce themselves
 *   word  4  LIFE_FD      L      the file that is open while the loop thread lives, and which one it is;
 *                                in Bun and Deno the thread itself
 *   byte 24  LIFE_INODE   L      (64 bits)
 *   byte 32  LIFE_MADE_AT L      (64 bits)
 *   word 10  NODE         O      the loop thread in the graph of who is blocked for whom
 *   word 11  UTILIZATION  L      millionths of its time in which it did not wait; as of the last PING
 *   word 16  RUNNING      L      whose code is on its stack (see `runningMark`); 0: nobody's, or it cannot be known
 *   word 48  GIVEN_UP     C      such a mark, of a call whose caller waits no more
 *   word 32  LOOP_SLEEPS  L, C   1: the loop thread has gone back to its event loop and must be
 *                                woken through a port; 2: IT SLEEPS ON THIS WORD for a moment and must
 *                                be notified. The caller that swaps it to 0 does so.
 *
 * channel: one per (calling thread, loop thread)
 *   word  0  CALL_SEQ     C      messages published by the caller, shifted left; bit 0: the caller left.
 *                                THE LOOP THREAD LOOKS AT THIS WORD OF EACH CALLER before it sleeps
 *   word 16  CALL_READ    L      how far the loop thread has read that ring
 *   word 17  CALL_TAKEN   L      messages the loop thread has taken (shifted like CALL_SEQ)
 *   word 18  ACCEPTED     L      the loop thread has its ends, and calls the channel by this number; 0: not yet
 *   word 32  REPLY_SEQ    L      messages published by the loop thread, shifted left; bit 0: it is dead
 *   word 48  REPLY_READ   C
 *   word 49  REPLY_TAKEN  C
 *   word 64  WAKE_POSTED  L, C   1: a wake-up for the caller's event loop is on its way through the port
 *   byte 512 ……… ring of calls (C writes, L reads), RING_BYTES
 *   then     ……… ring of replies (L writes, C reads), RING_BYTES
 *
 * thread: one per calling thread, known to every loop thread that it has a channel to
 *   word  0  ASLEEP       C, L   1: the thread sleeps, or is about to, and must be notified. Whoever has published
 *                                something for it swaps it to 0 and does so. THE THREAD SLEEPS ON THIS WORD
 *   word  1  SLEEPS       C      how often it has slept; odd while the next words are being written
 *   word  2  BLOCKED_IN   C      the channel, by its caller's number, that it is blocked in without any limit
 *   word  3  BLOCKED_ON   C      the first call that it is blocked for
 *   word  4  BLOCKED_COUNT C     how many calls from there on; 0: none, or it will go on by itself
 *
 * record in a ring, aligned to 8 bytes
 *   int32 length of the body, or PAD
 *   int32 number of the message, shifted left, and bit 0: written last, THE OTHER SIDE LOOKS AT IT; or
 *         PAD: nothing more up to the end of the ring; or 0: nothing more yet
 *   bytes body
 * ```
 */
/** Words of the runner block. */
export const RUNNER_STATE = 0;
export const GENERATION = 1;
export const SHARES = 2;
export const CONNECTS = 3;
export const HOLDERS = 4;
export const REFUSED = 5;
export const TICKETS = 6;
export const REPLACE = 16;

/** The value of RUNNER_STATE after `close()`; it is 0 before. */
export const RUNNER_CLOSED = 1;

const RUNNER_HEADER_BYTES = 128;
const CONTROL_BYTES = 256;
/** Of so many loop threads of one runner, the first is certainly gone when the last begins. */
export const GENERATIONS = 16;
const HOLDERS_OFFSET = RUNNER_HEADER_BYTES + GENERATIONS * CONTROL_BYTES;
/** More of them at a time are counted, and not listed. */
export const HOLDER_PLACES = 64;
const HOLDER_BYTES = 32;
export const RUNNER_BYTES = HOLDERS_OFFSET + HOLDER_PLACES * HOLDER_BYTES;

/** The words of a place in the list of holders. */
export function holderPlace(runnerMemory: SharedArrayBuffer, place: number): Int32Array {
  return new Int32Array(runnerMemory, HOLDERS_OFFSET + place * HOLDER_BYTES, HOLDER_BYTES >> 2);
}

export const HOLDER_TICKET = 0;
export const HOLDER_FD = 1;
/** In units of 64 bits. */
export const HOLDER_INODE = 1;
export const HOLDER_MADE_AT = 2;

/** The control block of a runner's loop thread. */
export function controlOf(runnerMemory: SharedArrayBuffer, generation: number): Int32Array {
  const offset = RUNNER_HEADER_BYTES + (generation % GENERATIONS) * CONTROL_BYTES;
  return new Int32Array(runnerMemory, offset, CONTROL_BYTES >> 2);
}

/** Words of the control block. */
export const STATE = 0;
export const EXIT_CODE = 1;
export const THREAD_ID = 2;
export const DOOR = 3;
export const LIFE_FD = 4;
/** In units of 64 bits. */
export const LIFE_INODE = 3;
export const LIFE_MADE_AT = 4;
export const NODE = 10;
export const UTILIZATION = 11;
export const RUNNING = 16;
export const LOOP_SLEEPS = 32;
export const GIVEN_UP = 48;

/** A call among those of all callers, in one word: the lower bits of its number, and one of 127 channels. Never 0. */
export function runningMark(channel: number, call: number): number {
  return (((channel % 127) + 1) << 24) | (call & 0xff_ffff);
}

/** A share of 1 is written as so many parts. */
export const MILLION = 1_000_000;

/** Values of LOOP_SLEEPS: in its event loop, to be woken through a port; or asleep on that word for a moment. */
export const LOOP_IN_EVENT_LOOP = 1;
export const LOOP_NAPS = 2;

/** Values of STATE. */
export const STATE_STARTING = 0;
export const STATE_RUNNING = 1;
export const STATE_CLOSING = 2;
/** It has run dry: it still answers who is blocked for it, and takes no more calls. */
export const STATE_ENDING = 3;
export const STATE_DEAD = 4;
/** It ended without a word, or was terminated. */
export const STATE_LOST = 5;
/** It ended without having begun: it could not be started. */
export const STATE_UNBORN = 6;

/** Where the words of one direction of a channel stand. */
export interface Direction {
  /** Publications, shifted left by one; bit 0 says that the writer is gone. */
  readonly seq: number;
  readonly read: number;
  readonly taken: number;
  readonly ringOffset: number;
}

/** Capacity of each ring in bytes; a power of two. The system gives memory only to what has been written. */
export const RING_BYTES = 1 << 20;
/** A longer message goes by port, so that one message never crowds out the others. */
export const MAX_INLINE_BYTES = 1 << 18;
/**
 * A writer that has come so far, and finds that all has been read, begins at the start again: so small messages
 * stay in the caches of the processors, and a large one does not leave all of the ring in use.
 */
export const RESTART_BYTES = 1 << 16;
/** The length and the number of a record that only fills the ring up to its end. */
export const PAD = -1;
/** Stands in the place of the next record's number. */
export const NO_RECORD = 0;
export const RECORD_HEADER_BYTES = 8;

const HEADER_BYTES = 512;
export const CHANNEL_BYTES = HEADER_BYTES + 2 * RING_BYTES;

/** What stands in the header of the record that holds so-and-so-many-th message. */
export function recordNumber(count: number): number {
  return (count << 1) | 1;
}

export const CALLS: Direction = { seq: 0, read: 16, taken: 17, ringOffset: HEADER_BYTES };
export const REPLIES: Direction = {
  seq: 32,
  read: 48,
  taken: 49,
  ringOffset: HEADER_BYTES + RING_BYTES,
};

/** Words of the channel. */
export const ACCEPTED = 18;
export const WAKE_POSTED = 64;

/** The number of the owner's channel on the loop thread. */
export const OWNER_CHANNEL = 1;

/** Words of the block of a calling thread. */
export const ASLEEP = 0;
export const SLEEPS = 1;
export const BLOCKED_IN = 2;
export const BLOCKED_ON = 3;
export const BLOCKED_COUNT = 4;
export const THREAD_BYTES = 64;

/** The bit of a sequence word that says that its writer will write no more. */
export const CLOSED_BIT = 1;
