import type { WorkerOptions } from 'bullmq';
import { checkOptions, findMeant } from '../check-options.ts';
import { checkDuration } from '../options.ts';
import type { QueueConnection } from './connection.ts';
import type { Log } from './log.ts';
import type { QueueModules } from './names.ts';

/**
 * Options of {@link serve}: which queue, which modules, and how many coroutines at a time.
 *
 * @example
 * ```ts
 * import type { ServeOptions } from 'palitra/bullmq';
 *
 * export const options: ServeOptions = {
 *   queue: 'palitra',
 *   connection: { host: 'redis', port: 6379 },
 *   modules: { tasks: new URL('./tasks.js', import.meta.url) },
 *   concurrency: 8,
 *   worker: { lockDuration: 30_000 },
 * };
 * ```
 */
export interface ServeOptions {
  /** The name of the queue. */
  readonly queue: string;
  /** The modules whose functions may be called, by the names under which runners know them. */
  readonly modules: QueueModules;
  /** Where Redis is. @default localhost, port 6379 */
  readonly connection?: QueueConnection;
  /** What the keys of the queue begin with, as in BullMQ. @default 'bull' */
  readonly prefix?: string;
  /** How many coroutines run at the same time. @default 1 */
  readonly concurrency?: number;
  /** Goes to BullMQ's `Worker` as it is: `lockDuration`, `stalledInterval`, `limiter` … */
  readonly worker?: Omit<WorkerOptions, 'connection' | 'prefix' | 'concurrency' | 'autorun'>;
  /** In bytes: how large a result may be when it is encoded. @default 1 MiB */
  readonly sizeLimit?: number;
  /**
   * In milliseconds: how long `close()` lets the coroutines that are running go on. Then their signals are
   * aborted, and a second later what still runs is handed back to the queue.
   *
   * @default 20000
   */
  readonly drain?: number;
  /** In milliseconds: how long to wait for a first connection to Redis. @default 10000 */
  readonly connectTimeout?: number;
  /** In milliseconds: how often a line says how it goes. @default 60000 */
  readonly healthInterval?: number;
  /** Receives the lines; `false`: nobody does. @default they are printed on stderr */
  readonly log?: Log | false;
  /** Close, and then end the process, on SIGTERM and SIGINT. @default true */
  readonly handleSignals?: boolean;
}

const SERVE_OPTIONS = [
  'queue',
  'modules',
  'connection',
  'prefix',
  'concurrency',
  'worker',
  'sizeLimit',
  'drain',
  'connectTimeout',
  'healthInterval',
  'log',
  'handleSignals',
] as const;

/** Those of BullMQ's `Worker`, for its `worker`: what else a later version has goes there as well. */
const WORKER_OPTIONS = [
  'name',
  'limiter',
  'metrics',
  'maximumRateLimitDelay',
  'maxStartedAttempts',
  'maxStalledCount',
  'stalledInterval',
  'removeOnComplete',
  'removeOnFail',
  'skipStalledCheck',
  'skipLockRenewal',
  'drainDelay',
  'lockDuration',
  'lockRenewTime',
  'runRetryDelay',
  'settings',
  'telemetry',
  'skipVersionCheck',
  'skipWaitingForReady',
  'blockingConnection',
  'useWorkerThreads',
  'workerForkOptions',
  'workerThreadsOptions',
] as const;

/** Not BullMQ's to know, for palitra does it, or has an option of its own. */
const NOT_FOR_WORKER = new Set(['connection', 'prefix', 'concurrency', 'autorun']);

/** @throws {TypeError} for an option that is not known, or with a value of the wrong kind. */
export function checkServeOptions(options: ServeOptions): void {
  checkOptions(options, SERVE_OPTIONS, 'serve()', "{ queue: 'palitra', modules: { … } }");
  const { worker, log, handleSignals, concurrency } = options;
  if (worker !== undefined) checkWorkerOptions(worker);
  if (log !== undefined && log !== false && typeof log !== 'function') {
    throw new TypeError('log is a function, such as (line) => console.log(line), or false.');
  }
  if (handleSignals !== undefined && typeof handleSignals !== 'boolean') {
    throw new TypeError('handleSignals is true or false.');
  }
  if (concurrency !== undefined && !(typeof concurrency === 'number' && concurrency >= 1)) {
    throw new TypeError(
      `concurrency is a number of one or more: so many coroutines run at the same time.`,
    );
  }
}

function checkWorkerOptions(worker: unknown): void {
  if (typeof worker !== 'object' || worker === null || Array.isArray(worker)) {
    throw new TypeError(
      'worker is an object of options for the Worker of BullMQ, such as { lockDuration: 60_000 }.',
    );
  }
  for (const name of Object.keys(worker)) {
    if (NOT_FOR_WORKER.has(name)) {
      const advice =
        name === 'autorun' ? 'serve() begins by itself' : `write ${name} beside worker`;
      throw new TypeError(`worker.${name} is not for the Worker of BullMQ: ${advice}.`);
    }
    if ((WORKER_OPTIONS as readonly string[]).includes(name)) continue;
    const meant = findMeant(name, WORKER_OPTIONS);
    if (meant !== undefined) {
      throw new TypeError(`The Worker of BullMQ has no option ${name}: did you mean ${meant}?`);
    }
  }
}

export function checkDrain(drain: unknown, otherwise: number): number {
  return drain === undefined ? otherwise : drain === 0 ? 0 : checkDuration(drain, 'drain');
}
