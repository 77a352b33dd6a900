import { createHook } from 'node:async_hooks';
import { pbkdf2 } from 'node:crypto';
import { after, afterEach, before, beforeEach } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { shutdownGlobalRunner } from 'palitra';
import { countThreads, hasThreadsOfItsOwn, threadNames } from './native-threads.ts';

/** What could be left over. */
export interface Census {
  /** Threads of the process; 0 where the platform does not tell. */
  readonly threads: number;
  readonly workers: number;
  /** Message ports, also those that do not keep the process alive. */
  readonly ports: number;
  readonly exitListeners: number;
  /** What keeps the process alive: timers, sockets, files … */
  readonly resources: readonly string[];
}

/** How long what was closed may take to be gone: a thread ends a little after its runner. */
const CEILING_MS = 60_000;

const workers = new Set<number>();
const ports = new Set<number>();
let isWatching = false;

/** From now on workers and ports are counted. The ones there are already are not of interest. */
export function watchResources(): void {
  if (isWatching) return;
  isWatching = true;
  createHook({
    init(id, type) {
      if (type === 'WORKER') workers.add(id);
      else if (type === 'MESSAGEPORT') ports.add(id);
    },
    destroy(id) {
      workers.delete(id);
      ports.delete(id);
    },
  }).enable();
}

export function takeCensus(): Census {
  return {
    threads: countThreads(),
    // Bun and Deno do not tell `async_hooks`; but there all of these threads are workers.
    workers: hasThreadsOfItsOwn ? countThreads() : workers.size,
    ports: ports.size,
    exitListeners: process.listenerCount('exit'),
    resources: process.getActiveResourcesInfo().sort(),
  };
}

/** The names of what there is more of than before. */
export function findLeaks(earlier: Census, now: Census): string[] {
  const leaks: string[] = [];
  for (const key of ['threads', 'workers', 'ports', 'exitListeners'] as const) {
    if (now[key] > earlier[key]) leaks.push(`${key}: ${earlier[key]} before, ${now[key]} now`);
  }
  const known = [...earlier.resources];
  for (const resource of now.resources) {
    const index = known.indexOf(resource);
    if (index === -1) leaks.push(`resource: ${resource}`);
    else known.splice(index, 1);
  }
  return leaks;
}

/** Waits until no more is there than before, and throws when that does not come. */
export async function assertNothingLeft(earlier: Census, ceilingMs = CEILING_MS): Promise<void> {
  const deadline = performance.now() + ceilingMs;
  for (;;) {
    const leaks = findLeaks(earlier, takeCensus());
    if (leaks.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`Left over: ${leaks.join('; ')}. Threads: ${threadNames().join(', ')}`);
    await sleep(2);
  }
}

/**
 * For the top of a test file: after each test the global runner is closed, and then no thread, port,
 * listener or handle may be there that was not there before. With `{ per: 'file' }` the tests share a
 * runner, and it is checked after the last one.
 */
export function checkLeaks({ per = 'test' }: { readonly per?: 'test' | 'file' } = {}): void {
  let earlier: Census;
  watchResources();
  before(async () => {
    // Node starts the threads of its pool at the first use, and keeps them.
    await Promise.all(Array.from({ length: 4 }, () => promisify(pbkdf2)('a', 'b', 1, 1, 'sha1')));
    earlier = takeCensus();
  });
  const check = async (): Promise<void> => {
    shutdownGlobalRunner();
    await assertNothingLeft(earlier);
  };
  if (per === 'file') {
    after(check);
    return;
  }
  beforeEach(() => {
    earlier = takeCensus();
  });
  afterEach(check);
}
