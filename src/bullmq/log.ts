/** Receives what a worker has to say, a line at a time. */
export type Log = (line: string) => void;

/** On stderr, so that it mixes with nothing that coroutines print. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`${new Date().toISOString()} palitra: ${line}\n`);
};

export const logNothing: Log = () => undefined;
