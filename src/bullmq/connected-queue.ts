import type { Queue, QueueEvents, QueueEventsProducer, RedisOptions } from 'bullmq';
import { cancelQueueName, EVENTS_KEPT } from './cancel.ts';
import type { JobData, JobResult } from './envelope.ts';
import type { RedisLink } from './redis-link.ts';

/** What a client is made with; it travels with each call. */
export interface ClientConfig {
  readonly queue: string;
  readonly connection: RedisOptions;
  readonly prefix: string | undefined;
  readonly connectTimeoutMs: number;
}

/** BullMQ's side of a runner: one connection that adds jobs, and one that reads events. */
export interface ConnectedQueue {
  readonly queue: Queue<JobData, JobResult>;
  readonly events: QueueEvents;
  /** On the queue's connection. */
  readonly canceller: QueueEventsProducer;
}

/** @throws {QueueConnectionError} when there is no connection in time. */
export async function connectQueue(
  { queue: name, prefix, connection: address }: ClientConfig,
  link: RedisLink,
): Promise<ConnectedQueue> {
  const { Queue, QueueEvents, QueueEventsProducer } = await import('bullmq');
  // Commands wait for the connection to come back; how long, the link decides.
  const connection = { ...address, maxRetriesPerRequest: null };
  const common = { connection, ...(prefix === undefined ? {} : { prefix }) };
  const opened: { disconnect(): Promise<void> }[] = [];
  const noteError = (error: Error): void => {
    link.lastError = error;
  };
  try {
    const queue = new Queue<JobData, JobResult>(name, common);
    opened.push(queue);
    queue.on('error', noteError);
    await link.reply(queue.waitUntilReady());
    const backend = queue.getBackend();
    const client = await backend.client;
    // An event of our own marks the place to read from: whatever happens to a job of ours comes after it.
    const start = await link.reply(backend.publishEvent({ event: 'palitra-runner' }, EVENTS_KEPT));
    const events = new QueueEvents(name, { ...common, lastEventId: start });
    opened.push(events);
    events.on('error', noteError);
    const canceller = new QueueEventsProducer(cancelQueueName(name), {
      ...common,
      connection: client,
    });
    canceller.on('error', noteError);
    await link.reply(events.waitUntilReady());
    link.watch(client);
    link.watch(await events.getBackend().client);
    return { queue, events, canceller };
  } catch (error) {
    for (const part of opened) void part.disconnect().catch(() => undefined);
    throw error;
  }
}

/** Waits for what is under way, unless Redis is not there. */
export async function disconnectQueue(
  { queue, events, canceller }: ConnectedQueue,
  isUp: boolean,
): Promise<void> {
  await events.close().catch(() => undefined);
  await canceller.close().catch(() => undefined);
  await (isUp ? queue.close() : queue.disconnect()).catch(() => undefined);
}
