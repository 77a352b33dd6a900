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

const LONGEST = 2_000;

/**
 * One line for each line that is logged, and of bearable length: names and messages come out of the queue,
 * and could otherwise hold line breaks and commands for the terminal.
 */
export function plainLines(log: Log): Log {
  return (line) => {
    const text = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
    log(text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, escape));
  };
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
