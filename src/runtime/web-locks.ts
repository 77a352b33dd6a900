import { threadId } from 'node:worker_threads';

interface LockManager {
  query(): Promise<{ readonly pending?: readonly { name: string; clientId: string }[] }>;
  request(name: string, options: object, callback: () => void): Promise<unknown>;
}

/** Since Node 24. */
function lockManager(): LockManager | undefined {
  const { locks } = process.getBuiltinModule('node:worker_threads') as { locks?: LockManager };
  return locks;
}

/**
 * Does this thread wait for a lock that another one holds? In Node 24 and 26 a request keeps no event loop alive.
 * Undefined where there are no locks.
 */
export function waitsForLock(): Promise<boolean> | undefined {
  const locks = lockManager();
  return locks && findPending(locks);
}

async function findPending(locks: LockManager): Promise<boolean> {
  const { pending = [] } = await locks.query();
  const own = pending.filter(({ clientId }) => clientId === `node-${process.pid}-${threadId}`);
  // A lock whose holder has died is free, but who waits for it is told only when somebody asks for it.
  for (const { name } of own) void locks.request(name, { ifAvailable: true }, () => undefined);
  return own.length > 0;
}
