import type { Log } from './log.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Closes when the process is asked to end, and ends it then; the function that is returned stops that. */
export function closeOnSignals(close: () => Promise<void>, log: Log): () => void {
  const end = (signal: NodeJS.Signals): void => {
    log(`${signal} has come.`);
    close().then(
      () => leave(signal, 0),
      (error: unknown) => {
        log(`closing failed: ${String(error)}`);
        leave(signal, 1);
      },
    );
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return () => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
}

/** If others listen as well, it is theirs to decide. */
function leave(signal: NodeJS.Signals, code: number): void {
  if (process.listenerCount(signal) === 0) process.exit(code);
}
