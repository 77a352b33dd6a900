import diagnostics from 'node:diagnostics_channel';

/**
 * The message of the tracing channel `palitra:run` of `node:diagnostics_channel`: one object for all
 * events of one blocking call, which are `start`, `error` when it throws, and `end`. A call in a callback
 * lies between `start` and `end` of the call that called back. With nobody subscribed none of it is made.
 *
 * @example
 * ```js
 * import diagnostics from 'node:diagnostics_channel';
 * import { coroutine, run } from 'palitra';
 *
 * diagnostics.subscribe('tracing:palitra:run:end', ({ operation, result }) => {
 *   console.log(operation, result); // run 42
 * });
 * run(coroutine(async () => 42)());
 * ```
 */
export interface RunEvent {
  readonly operation: 'run' | 'gather';
  /** The file and the function, such as `comments.js#fetchComment`; those of a group, joined by commas. */
  readonly name: string;
  /** From `end` on: what the call returns. */
  result?: unknown;
  /** From `error` on: what it throws. */
  error?: unknown;
}

const run = diagnostics.tracingChannel<RunEvent, RunEvent>('palitra:run');
const blocked = diagnostics.channel('palitra:blocked');

/** Does anybody listen? Asked before each call, so it must cost next to nothing. */
export function isTraced(): boolean {
  return run.start.hasSubscribers || run.end.hasSubscribers || run.error.hasSubscribers;
}

/** Calls the function, and publishes that. Takes the arguments as well, so that the caller needs no closure. */
export function traceRun<A extends unknown[], R>(
  event: RunEvent,
  body: (...args: A) => R,
  ...args: A
): R {
  return run.traceSync(body, event, undefined, ...args);
}

/** As `onBlocked`, on `palitra:blocked`. */
export function publishBlocked(info: { readonly name: string; readonly ms: number }): void {
  if (blocked.hasSubscribers) blocked.publish(info);
}
