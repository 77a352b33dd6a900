import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import type { Producer } from './producer.ts';
import { noteWord } from '../wire/atomics.ts';
import { RUNNING, runningMark } from '../wire/layout.ts';
import { runInContexts, type ContextEntry } from '../wire/contexts.ts';
import { NativeAbortController, NativePromise } from '../wire/natives.ts';

/** What a coroutine in flight asks of the channel it came through. */
export interface CallChannel {
  readonly number: number;
  announceStart(call: LoopCall, value: unknown): void;
}

/** One coroutine in flight. */
export class LoopCall {
  readonly id: number;
  readonly label: string;
  readonly isTask: boolean;
  readonly channel: CallChannel;
  /** The values of shared contexts where it was sent. */
  contexts: readonly ContextEntry[] | undefined;
  /** What its caller asked of a producer that was not there yet. */
  earlyDemand: ((producer: Producer) => void) | undefined;
  isSettled = false;
  /** Was it entered in a way that {@link currentCall} finds it? */
  isInContext = false;
  #controller: AbortController | undefined;
  #abortion: { readonly reason: unknown } | undefined;
  #abortHandler: ((reason: unknown) => void) | undefined;
  #settledHandlers: (() => void)[] | undefined;

  constructor(id: number, label: string, isTask: boolean, channel: CallChannel) {
    this.id = id;
    this.label = label;
    this.isTask = isTask;
    this.channel = channel;
  }

  /** Most coroutines never ask, so the controller is made on demand. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new NativeAbortController();
      // Hundreds of operations may listen to the signal of one coroutine; that is no leak.
      setMaxListeners(0, this.#controller.signal);
      if (this.#abortion !== undefined) this.#controller.abort(this.#abortion.reason);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#abortion !== undefined;
  }

  /** Can it end early when it is aborted? Only if it, or what it called, has taken the signal. */
  get canReact(): boolean {
    return this.#controller !== undefined || this.#abortHandler !== undefined;
  }

  abort(reason: unknown): void {
    if (this.#abortion !== undefined || this.isSettled) return;
    this.#abortion = { reason };
    this.#controller?.abort(reason);
    this.#abortHandler?.(reason);
  }

  /** For palitra's own part in the coroutine, such as the producer of a stream: cheaper than a signal. */
  onAbort(handler: (reason: unknown) => void): void {
    this.#abortHandler = handler;
    if (this.#abortion !== undefined) handler(this.#abortion.reason);
  }

  settle(): void {
    this.isSettled = true;
    if (this.#settledHandlers === undefined) return;
    for (const handler of this.#settledHandlers) handler();
  }

  /** Calls back at the end; at once, when that has been. */
  onSettled(handler: () => void): void {
    if (this.isSettled) handler();
    else (this.#settledHandlers ??= []).push(handler);
  }

  whenSettled(): Promise<void> {
    return new NativePromise((resolve) => this.onSettled(resolve));
  }
}

/**
 * Which coroutine is running. AsyncLocalStorage costs a microsecond a call on Node 20 and 22, so calls
 * are entered only once somebody can ask: after `palitra/loop` was imported on this thread.
 */
let storage: AsyncLocalStorage<LoopCall> | undefined;

export function enableCallContext(): void {
  storage ??= new AsyncLocalStorage();
}

/** Whose code is on the stack, where calls are not entered: up to its first `await`, there is no doubt. */
let onStack: LoopCall | undefined;

export function currentCall(): LoopCall | undefined {
  return storage?.getStore() ?? onStack;
}

let control: Int32Array | undefined;

/** From now on callers see there whose code is running. */
export function showRunning(words: Int32Array): void {
  control = words;
}

/** Runs code of the coroutine. Up to its first `await`, callers see that it is this one's. */
export function runInCall<R>(call: LoopCall, body: () => R): R {
  const words = control!;
  const before = words[RUNNING]!;
  noteWord(words, RUNNING, runningMark(call.channel.number, call.id));
  try {
    return runInContext(call, body);
  } finally {
    noteWord(words, RUNNING, before);
  }
}

function runInContext<R>(call: LoopCall, body: () => R): R {
  const { contexts } = call;
  const bodyInContexts = contexts === undefined ? body : () => runInContexts(contexts, body);
  if (storage !== undefined) {
    call.isInContext = true;
    return storage.run(call, bodyInContexts);
  }
  const before = onStack;
  onStack = call;
  try {
    return bodyInContexts();
  } finally {
    onStack = before;
  }
}
