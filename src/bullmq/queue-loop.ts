/** What the loop thread of a {@link QueueRunner} executes. Imported by its URL, and by nobody else. */
import { getSignal, onShutdown } from '../loop/index.ts';
import type { ClientConfig } from './connected-queue.ts';
import { QueueClient } from './queue-client.ts';
import type { QueueStats } from './statistics.ts';
import type { JobRequest, ProgressListener } from './waiting-job.ts';

/** A thread is one runner's, so there is one. */
let client: QueueClient | undefined;

function useClient(config: ClientConfig): QueueClient {
  if (client === undefined) {
    const created = new QueueClient(config);
    client = created;
    onShutdown(() => created.close());
  }
  return client;
}

/** Adds a job, and waits for what its coroutine returns, as text. */
export function execute(
  config: ClientConfig,
  request: JobRequest,
  onProgress: ProgressListener | undefined,
): Promise<string> {
  return useClient(config).execute(request, getSignal(), onProgress);
}

export function stats(config: ClientConfig): Promise<QueueStats> {
  return useClient(config).stats();
}
