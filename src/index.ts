/**
 * palitra: runs async functions from synchronous code, on one persistent event loop in a background
 * thread.
 *
 * @module palitra
 */
// Making coroutines
export { coroutines } from './coroutines.ts';
export { coroutine } from './inline.ts';
export { sync } from './sync.ts';
export { Coroutine } from './coroutine.ts';

// Running them
export { run } from './run.ts';
export { gather } from './gather.ts';
export { gatherSettled } from './gather-settled.ts';
export { iterate } from './iterate.ts';
export { StreamIterator } from './stream-iterator.ts';
export { createTask } from './create-task.ts';
export { start } from './start.ts';
export { Task } from './task.ts';
export { configureGlobalRunner, isRunnerAlive, shutdownGlobalRunner } from './global-runner.ts';

// Event loops of your own
export { EventLoopThreadRunner } from './runner.ts';
export { EventLoop } from './event-loop.ts';

// What crosses between the threads, and what stays on one
export { transfer } from './transfer.ts';
export { keep } from './keep.ts';
export { get } from './handle.ts';
export { sharedContext } from './context.ts';
export { registerError } from './register-error.ts';

// What calls throw
export {
  CallbackReleasedError,
  CancelledError,
  DeadlockError,
  HandleDisposedError,
  isPalitraError,
  LoopStartError,
  LoopThreadError,
  NeverSettledError,
  PalitraError,
  RunnerClosedError,
  TimeoutError,
  UncloneableError,
} from './errors.ts';

// Types
export type { PalitraErrorCode } from './errors.ts';
export type { RunnerToken } from './token.ts';
export type { Started } from './task.ts';
export type { ModuleOrigin } from './caller/resolve.ts';
export type { SharedContext } from './context.ts';
export type { LoopStats, TaskInfo } from './event-loop.ts';
export type { Handle } from './handle.ts';
export type { RunEvent } from './tracing.ts';
export type {
  BlockedInfo,
  CloseOptions,
  GatherOptions,
  GatherSettledOptions,
  IterateOptions,
  RunnerOptions,
  RunOptions,
  SyncOptions,
} from './options.ts';
export type {
  Argument,
  Arguments,
  Callback,
  CoroutineClass,
  CoroutineFunction,
  Coroutines,
  Results,
  ResultsOrErrors,
  SettledResults,
  StreamItem,
  StreamReturn,
  StreamSource,
  Sync,
  SyncModule,
  WithCallbacks,
} from './types.ts';
