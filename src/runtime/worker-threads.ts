type WorkerThreads = Pick<
  typeof import('node:worker_threads'),
  | 'BroadcastChannel'
  | 'isMainThread'
  | 'MessageChannel'
  | 'receiveMessageOnPort'
  | 'SHARE_ENV'
  | 'threadId'
  | 'Worker'
>;

const getBuiltinModule = process.getBuiltinModule.bind(process);
let loaded: WorkerThreads | undefined;

/**
 * From `node:worker_threads`, which takes 3 ms to load (Node 20): at the first use, because many programs
 * import palitra by way of something else and never run anything. What has been taken stays as it was.
 */
export function workerThreads(): WorkerThreads {
  return (loaded ??= load());
}

function load(): WorkerThreads {
  const from = getBuiltinModule('node:worker_threads');
  return {
    BroadcastChannel: from.BroadcastChannel,
    isMainThread: from.isMainThread,
    MessageChannel: from.MessageChannel,
    receiveMessageOnPort: from.receiveMessageOnPort,
    SHARE_ENV: from.SHARE_ENV,
    threadId: from.threadId,
    Worker: from.Worker,
  };
}
