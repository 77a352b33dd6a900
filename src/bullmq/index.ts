/**
 * `palitra/bullmq`: the same coroutines, executed by the workers of a BullMQ queue, on any number of
 * machines.
 *
 * @module palitra/bullmq
 */
import './peers.ts';

export { QueueRunner } from './queue-runner.ts';
export { remoteCoroutines } from './remote-coroutines.ts';
export { serve } from './serve.ts';
export { getJob } from './current-job.ts';
export { JobFailedError, JobTooLargeError, QueueConnectionError } from './errors.ts';

export type { QueueConnection } from './connection.ts';
export type { CurrentJob } from './current-job.ts';
export type { JobOptions } from './job-options.ts';
export type { Log } from './log.ts';
export type { ModuleImport, QueueModules } from './names.ts';
export type {
  ProgressInfo,
  QueueGatherOptions,
  QueueRunnerOptions,
  QueueRunOptions,
} from './options.ts';
export type { QueueServer, ServeStats } from './serve.ts';
export type { ServeOptions } from './serve-options.ts';
export type { Latency, QueueStats } from './statistics.ts';
