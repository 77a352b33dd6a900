/**
 * What palitra takes from the globals, once, when this module is first evaluated. A program may replace
 * them afterwards: a library brings another `Promise`, fake timers come with a `queueMicrotask`, a module
 * on the loop thread overwrites `process.exit`. None of that may keep a call from ending, or the loop from
 * turning. (`clock.ts` has the clock and the timers.)
 */
import { performance } from 'node:perf_hooks';
import type { Transferable } from 'node:worker_threads';
import { workerThreads } from '../runtime/worker-threads.ts';

const {
  AbortController: NativeAbortController,
  Function: NativeFunction,
  queueMicrotask,
  URL: NativeURL,
  URLSearchParams: NativeURLSearchParams,
} = globalThis;
/** The engine's own, which async functions return: a module of `--import` may have replaced the global one by now. */
const NativePromise = Reflect.getPrototypeOf((async () => {})())!.constructor as PromiseConstructor;
export {
  NativeAbortController,
  NativeFunction,
  NativePromise,
  NativeURL,
  NativeURLSearchParams,
  queueMicrotask,
};

const { eventLoopUtilization } = performance as Partial<typeof performance>;

/** The share of its time in which this thread's event loop did not wait. Bun 1.4 and Deno 2.9 cannot tell. */
export function loopUtilization(): number {
  try {
    return eventLoopUtilization === undefined
      ? 0
      : Reflect.apply(eventLoopUtilization, performance, []).utilization;
  } catch {
    // Node 20 asks `process.hrtime`, which a program may have replaced.
    return 0;
  }
}

/** Ends this thread, by way of its `exit` handlers. */
export const exit: (code: number) => never = process.exit.bind(process);

const { bind, call } = Function.prototype;
const callThen = Reflect.apply(bind, call, [NativePromise.prototype.then]) as (
  promise: Promise<unknown>,
  onFulfilled: (value: never) => void,
  onRejected?: (reason: unknown) => void,
) => void;

/** Calls back when a native promise has settled, whatever a program has made of `then`. */
export function whenSettled<T>(
  promise: Promise<T>,
  onFulfilled: (value: T) => void,
  onRejected?: (reason: unknown) => void,
): void {
  callThen(promise, onFulfilled, onRejected);
}

const platformClone = (globalThis as { structuredClone?: typeof structuredClone }).structuredClone;

/** The platform's `structuredClone`. Test environments that imitate a browser (jsdom) have none. */
export function clone<T>(value: T, transfer: readonly Transferable[] = []): T {
  return platformClone === undefined
    ? passThroughPort(value, transfer)
    : platformClone(value, { transfer: transfer as never });
}

/** The same by two ports, which no environment replaces. */
function passThroughPort<T>(value: T, transfer: readonly Transferable[]): T {
  const { MessageChannel, receiveMessageOnPort } = workerThreads();
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(value, transfer);
    return (receiveMessageOnPort(port2) as { message: T }).message;
  } finally {
    port1.close();
  }
}
