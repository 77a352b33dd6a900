import type { BroadcastChannel } from 'node:worker_threads';
import { inNoContext } from '../wire/no-context.ts';
import { isDeno } from './which.ts';
import { workerThreads } from './worker-threads.ts';

let anchor: BroadcastChannel | undefined;

/**
 * As `new BroadcastChannel(name)`. In Deno 2.9 one that is made just after the last other one of its thread
 * was closed hears no other thread, and throws when it sends. So there is always one more.
 */
export function openBroadcastChannel(name: string): BroadcastChannel {
  return inNoContext(() => {
    const { BroadcastChannel } = workerThreads();
    if (isDeno && anchor === undefined) {
      anchor = new BroadcastChannel('palitra');
      anchor.unref();
    }
    return new BroadcastChannel(name);
  });
}
