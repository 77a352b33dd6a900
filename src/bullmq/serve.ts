import './peers.ts';
import type { QueueEvents, QueueEventsProducer, Worker } from 'bullmq';
import { checkOptions } from '../check-options.ts';
import { checkDuration } from '../options.ts';
import { installJobHost } from '../wire/remote-jobs.ts';
import { cancelQueueName, EVENTS_KEPT, type CancelEvent } from './cancel.ts';
import { checkConnection, locationOf } from './connection.ts';
import type { JobData, JobResult } from './envelope.ts';
import { keepReading } from './lasting-events.ts';
import { logNothing, logToStderr, plainLines } from './log.ts';
import { checkPrefix, checkQueueName, checkSizeLimit, DEFAULT_CONNECT_MS } from './options.ts';
import { RedisLink } from './redis-link.ts';
import { Registry } from './registry.ts';
import { checkDrain, checkServeOptions, type ServeOptions } from './serve-options.ts';
import { settlesWithin } from './settles-within.ts';
import { closeOnSignals } from './signals.ts';
import { REPORTED_MS, Worksite } from './worksite.ts';

/**
 * How it goes with a worker: what `stats()` of a {@link QueueServer} returns.
 *
 * @example
 * ```ts
 * import type { ServeStats } from 'palitra/bullmq';
 *
 * export const isIdle = ({ running }: ServeStats): boolean => running === 0;
 * ```
 */
export interface ServeStats {
  /** Coroutines that run now. */
  readonly running: number;
  readonly completed: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/**
 * What {@link serve} returns: the worker, to be asked how it goes and to be closed.
 *
 * @example
 * ```ts
 * import type { QueueServer } from 'palitra/bullmq';
 *
 * export async function stop(server: QueueServer): Promise<void> {
 *   await server.close({ drain: 5_000 });
 *   console.log(server.stats().completed);
 * }
 * ```
 */
export interface QueueServer extends AsyncDisposable {
  /** BullMQ's worker, for its events. */
  readonly worker: Worker;
  /** What has been done so far, and what runs. */
  stats(): ServeStats;
  /**
   * Takes no more jobs, and ends when those that are running have; what runs for longer than `drain`
   * milliseconds is aborted, and handed back to the queue. Then what was given to `onShutdown()` is called.
   * Closing again waits for the same end.
   */
  close(options?: { readonly drain?: number }): Promise<void>;
}

/**
 * Executes the coroutines of a queue in this process, until it is closed or the process is asked to end.
 *
 * Only functions that the given modules export can be called, whatever is written into the queue.
 *
 * @throws {TypeError | RangeError} for options that it does not know, or with values they cannot have.
 * @throws {QueueConnectionError} when Redis cannot be reached for `connectTimeout`.
 * @throws what importing one of the modules throws.
 *
 * @example
 * ```js
 * import { serve } from 'palitra/bullmq';
 *
 * try {
 *   const server = await serve({
 *     queue: 'palitra',
 *     connection: { host: 'localhost', port: 6379 },
 *     modules: { tasks: () => import('node:timers/promises') }, // … such as import('./tasks.js')
 *     concurrency: 8,
 *     connectTimeout: 100,
 *   });
 *   await server.close();
 * } catch (error) {
 *   console.error(error.code); // ERR_PALITRA_QUEUE_CONNECTION where there is no Redis
 * }
 * ```
 */
export async function serve(options: ServeOptions): Promise<QueueServer> {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError("serve() takes options, such as { queue: 'palitra', modules: { … } }.");
  }
  checkServeOptions(options);
  const queue = checkQueueName(options.queue);
  const prefix = checkPrefix(options.prefix);
  const sizeLimit = checkSizeLimit(options.sizeLimit);
  const drainMs = checkDrain(options.drain, 20_000);
  const connectMs = checkDuration(options.connectTimeout ?? DEFAULT_CONNECT_MS, 'connectTimeout');
  const healthMs = checkDuration(options.healthInterval ?? 60_000, 'healthInterval');
  const log = options.log === false ? logNothing : plainLines(options.log ?? logToStderr);
  const connection = { ...checkConnection(options.connection), maxRetriesPerRequest: null };
  const common = {
    connection,
    ...(prefix === undefined ? {} : { prefix }),
  };

  // Before the modules: their `onShutdown()` has to find it.
  const host = installJobHost();
  const registry = await Registry.load(options.modules);
  const { QueueEvents, QueueEventsProducer, Worker } = await import('bullmq');
  const hasBackoffStrategy = options.worker?.settings?.backoffStrategy !== undefined;
  const site = new Worksite({ host, registry, sizeLimit, hasBackoffStrategy }, log);
  const link = new RedisLink(
    locationOf(connection),
    connectMs,
    (error) => log(error.message),
    () => log('Redis is back.'),
  );

  const worker: Worker<JobData, JobResult> = new Worker<JobData, JobResult>(
    queue,
    (job, token) => site.execute(job, token ?? ''),
    { ...options.worker, ...common, concurrency: options.concurrency ?? 1, autorun: false },
  );
  worker.on('error', (error) => {
    if (String(error) !== String(link.lastError))
      log(`an error of the connection or queue: ${error.message}`);
    link.lastError = error;
  });
  let events: QueueEvents | undefined;
  let producer: QueueEventsProducer;
  try {
    await link.reply(worker.waitUntilReady());
    const client = await worker.getBackend().client;
    link.watch(client);
    producer = new QueueEventsProducer(cancelQueueName(queue), { ...common, connection: client });
    // Its connection is the worker's, which has complained already; heard by nobody, it would be printed.
    producer.on('error', () => undefined);
    const start = await link.reply(
      producer.getBackend().publishEvent({ event: 'palitra-worker' }, EVENTS_KEPT),
    );
    events = new QueueEvents(cancelQueueName(queue), { ...common, lastEventId: start });
    keepReading(events, () => undefined);
    (events as NodeJS.EventEmitter).on('cancel', (event: CancelEvent) => site.cancel(event));
    await link.reply(events.waitUntilReady());
  } catch (error) {
    link.close();
    await withoutRedis([worker.close(true), events?.close() ?? Promise.resolve()]);
    throw error;
  }
  worker.on('stalled', (id) => log(`job ${id} had lost its worker, and is to run again.`));
  worker.run().catch((error: unknown) => log(`the worker ended: ${String(error)}`));
  log(
    `serving ${registry.names.join(', ')} from the queue ${queue}, ${worker.concurrency} at a time (process ${process.pid}).`,
  );

  const health = setInterval(() => log(site.health()), Math.min(healthMs, 2 ** 31 - 1)).unref();
  let closing: Promise<void> | undefined;
  const close = async (closeDrainMs: number): Promise<void> => {
    stopListening();
    clearInterval(health);
    log(`stopping: ${site.health()}`);
    const isClosed = worker.close();
    await site.end(closeDrainMs, isClosed);
    link.close();
    if (!(await settlesWithin(REPORTED_MS, isClosed))) {
      log('Redis does not answer: what was running will be missed there, and run again.');
      await withoutRedis([worker.disconnect(), isClosed]);
    }
    await withoutRedis([events.close(), producer.close()]);
    for (let cleanUp = host.cleanUps.pop(); cleanUp !== undefined; cleanUp = host.cleanUps.pop()) {
      try {
        await cleanUp();
      } catch (error) {
        log(`a function given to onShutdown() failed: ${String(error)}`);
      }
    }
    log('stopped.');
  };
  const server: QueueServer = {
    worker,
    stats: () => site.stats(),
    close: async (closeOptions = {}) => {
      checkOptions(closeOptions, ['drain'], 'close()', '{ drain: 2_000 }');
      await (closing ??= close(checkDrain(closeOptions.drain, drainMs)));
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  const stopListening =
    options.handleSignals === false ? () => undefined : closeOnSignals(() => server.close(), log);
  return server;
}

/** Waits for the ends of connections, which may be a long time coming where nobody is at the other end. */
async function withoutRedis(ends: readonly Promise<unknown>[]): Promise<void> {
  await settlesWithin(REPORTED_MS, Promise.allSettled(ends));
}
