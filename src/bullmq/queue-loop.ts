/** What the loop thread of a {@link QueueRunner} executes. Imported by its URL, and by nobody else. */
import { getLoopHost } from '../wire/loop-host.ts';
import type { ClientConfig } from './connected-queue.ts';
import { QueueClient, type OnAbort } from './queue-client.ts';
import type { QueueStats } from './statistics.ts';
import type { JobOutcome, JobRequest, ProgressListener } from './waiting-job.ts';

/** A thread is one runner's, so there is one. */
let client: QueueClient | undefined;

function useClient(config: ClientConfig): QueueClient {
  if (client === undefined) {
    const created = new QueueClient(config);
    client = created;
    getLoopHost()?.onShutdown(() => created.close());
  }
  return client;
}

/**
 * Adds a job, and waits for what its coroutine returns, as text.
 *
 * The host is asked, and not `palitra/loop`: with that imported, all code on this thread would run in async
 * contexts, which before Node 24 make each of the hundreds of promises dearer that BullMQ needs for a job.
 */
export function execute(
  config: ClientConfig,
  request: JobRequest,
  onProgress: ProgressListener | undefined,
): Promise<JobOutcome> {
  const onAbort: OnAbort = (handler) => getLoopHost()?.onAbort(handler);
  return useClient(config).execute(request, onAbort, onProgress);
}

export function stats(config: ClientConfig): Promise<QueueStats> {
  return useClient(config).stats();
}
