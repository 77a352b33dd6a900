/**
 * Receives what a worker has to say, a line at a time.
 *
 * @example
 * ```ts
 * import type { Log } from 'palitra/bullmq';
 *
 * const lines: string[] = [];
 * const log: Log = (line) => lines.push(line); // serve({ …, log })
 * log('serving tasks');
 * console.log(lines.length); // 1
 * ```
 */
export type Log = (line: string) => void;

/** On stderr, so that it mixes with nothing that coroutines print. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`${new Date().toISOString()} palitra: ${line}\n`);
};

export const logNothing: Log = () => undefined;
