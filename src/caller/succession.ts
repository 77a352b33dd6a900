import { hostGlobal } from './host.ts';

/** What a context of `node:vm` leaves behind when nobody needs it any more. */
interface Estate {
  readonly context: typeof globalThis;
  /** One for each copy of the package that has been loaded in the context. */
  readonly closers: Set<() => void>;
}

const key: unique symbol = Symbol.for('palitra.testFile') as never;

/**
 * Test runners that give every test file a context of its own tell nobody when a file is done: its loop
 * threads would stay, and keep the whole context in memory. But they run file after file, so the first
 * loop thread of one file ends those of the file before. Other programs may use several contexts side
 * by side, so there it does nothing.
 *
 * @param close ends the loop threads of this copy of the package, without blocking.
 * @returns what to call when there are none left.
 */
export function succeed(close: () => void): () => void {
  const host = hostGlobal() as typeof globalThis & { [key]?: Estate | undefined };
  if (host === globalThis || !isTestRunner()) return () => undefined;
  let estate = host[key];
  if (estate?.context !== globalThis) {
    const last = estate;
    estate = { context: globalThis, closers: new Set() };
    host[key] = estate;
    for (const closeLast of last?.closers ?? []) closeLast();
  }
  const { closers } = estate;
  closers.add(close);
  return () => {
    closers.delete(close);
    if (closers.size === 0 && host[key]?.closers === closers) host[key] = undefined;
  };
}

/** As both of them document. */
function isTestRunner(): boolean {
  const { env } = process;
  return env['JEST_WORKER_ID'] !== undefined || env['VITEST'] !== undefined;
}
