/**
 * The messages between the two threads. The first byte of a message is its kind, the second field
 * (a varint) the number of the call or callback it is about.
 */
import type { MessagePort } from 'node:worker_threads';
import type { LifeMark } from './life-mark.ts';

/** From the calling thread to the loop thread. */
export const CALL = 1;
export const CANCEL = 2;
export const CALLBACK_RESULT = 3;
export const CALLBACK_THROWN = 4;
export const RELEASE_HANDLE = 5;
export const CLOSE = 6;
/** Room for more items of a stream. */
export const GRANT = 7;
/** Lock-step: `next(value)` and `throw(error)` of the caller's iterator. */
export const NEXT = 8;
export const THROW_INTO = 9;
/** The caller's loop has ended early. */
export const RETURN = 10;
/** Asks for nothing: that it has been taken says that the loop turns. */
export const PING = 11;
/** From the owner: other threads will introduce themselves. */
export const OPEN_DOOR = 12;
/** The caller's thread has nothing to do but await these calls; as long as it sends nothing else. */
export const IDLE = 13;
/** An AbortSignal among the arguments of a call in flight has been aborted. */
export const SIGNAL_ABORTED = 14;

/** From the loop thread to the calling thread. */
export const RESULT = 1;
export const THROWN = 2;
export const CALLBACK = 3;
export const CALLBACK_FORGOTTEN = 4;
/** An error outside any coroutine, for `onUnhandledError`. */
export const UNHANDLED = 5;
/** The coroutine has called `started(value)`. */
export const STARTED = 6;
export const ITEMS = 7;
/** A coroutine has kept the event loop from turning. */
export const BLOCKED = 8;
/** What is to be written to the caller's stdout or stderr: the number is the file descriptor. */
export const OUTPUT = 9;

/** Flags of a CALL. */
export const FLAG_CONSTRUCT = 1;
/** The target is described in this message; from now on its number is enough. */
export const FLAG_DEFINES_TARGET = 2;
/** Somebody will look at the outcome later: wake the caller's event loop for it. */
export const FLAG_TASK = 4;
/** The target is an object on the loop thread, described in this message. */
export const FLAG_HANDLE = 8;
/** The result is to be iterated, and its items sent. */
export const FLAG_STREAM = 16;

/** The values of shared contexts follow. */
export const FLAG_CONTEXT = 32;

/** What a coroutine calls. */
export type Target = ModuleTarget | InlineTarget | HandleTarget;

export interface ModuleTarget {
  readonly kind: 'module';
  /** Absolute: what a `data:` worker can import. */
  readonly url: string;
  /** Names from the namespace object down to the function. */
  readonly path: readonly string[];
  readonly label: string;
  /** The file that asked for the module; empty when it could not be found out. */
  readonly importer: string;
}

export interface InlineTarget {
  readonly kind: 'inline';
  readonly source: string;
  /** The file whose `import()` this is; empty when it could not be found out. */
  readonly base: string;
  readonly label: string;
}

export interface HandleTarget {
  readonly kind: 'handle';
  /** The handle itself; it is written as a value. */
  readonly handle: object;
  readonly handleId: number;
  readonly path: readonly string[];
  readonly operation: (typeof HANDLE_OPERATIONS)[number];
  readonly label: string;
}

export const HANDLE_OPERATIONS = ['call', 'get', 'dispose'] as const;

export const TARGET_MODULE = 0;
export const TARGET_INLINE = 1;

/** What the loop thread is born with. */
export interface LoopData {
  readonly palitra: 1;
  readonly name: string;
  /** The block of the runner, and which of its loop threads this is. */
  readonly runner: SharedArrayBuffer;
  readonly generation: number;
  readonly channel: {
    readonly memory: SharedArrayBuffer;
    readonly data: MessagePort;
    readonly wake: MessagePort;
    /** What the owner's thread calls this channel, and the block of that thread. */
    readonly number: number;
    readonly thread: SharedArrayBuffer;
  };
  readonly ownerThreadId: number;
  /** The other end of the port by which the owner sees that this thread lives. */
  readonly liveness: MessagePort;
  /** Loop threads above this one: 1 for the loop thread of the main thread. */
  readonly depth: number;
  /** This thread in the graph of who is blocked for whom, and the graph. */
  readonly node: number;
  readonly graph: SharedArrayBuffer;
  /** The name under which threads that have the runner's token introduce themselves, once it has one. */
  readonly door: string;
  readonly isShared: boolean;
  readonly shouldSpin: boolean;
  readonly shutdownTimeoutMs: number;
  /** Fail a coroutine that nothing can settle any more, instead of letting its caller wait. */
  readonly detectsNeverSettled: boolean;
  /** Report what keeps the event loop from turning for longer; 0: do not look. */
  readonly blockedThresholdMs: number;
  /** Send what is written to stdout and stderr to the owner, instead of writing it to the file descriptors. */
  readonly sendsOutput: boolean;
  /** Send errors outside any coroutine to the owner instead of printing them. */
  readonly sendsUnhandled: boolean;
}

/** How a thread that has a token introduces itself to the loop thread. */
export interface Introduction {
  readonly memory: SharedArrayBuffer;
  /** What the two ends of the channel are called. */
  readonly name: string;
  /** What that thread calls this channel, and the block of that thread. */
  readonly number: number;
  readonly thread: SharedArrayBuffer;
  /** Where the loop thread writes what is too long for `memory`, in Bun and Deno. */
  readonly overflow: SharedArrayBuffer | undefined;
  readonly threadId: number;
  readonly life: LifeMark | undefined;
  /** Is it counted out by way of the list of holders, if its thread ends without a word? */
  readonly isListed: boolean;
}
