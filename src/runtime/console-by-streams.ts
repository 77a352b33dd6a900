import { isDeno } from './which.ts';

const METHODS = [
  ...([
    'log',
    'info',
    'debug',
    'warn',
    'error',
    'dir',
    'dirxml',
    'table',
    'trace',
    'assert',
  ] as const),
  ...(['count', 'countReset', 'group', 'groupCollapsed', 'groupEnd'] as const),
  ...(['time', 'timeEnd', 'timeLog'] as const),
];

/** Deno's `console` writes to the file descriptors itself: here it writes to `process.stdout` and `process.stderr`. */
export function writeConsoleByStreams(): void {
  if (!isDeno) return;
  const { Console } = process.getBuiltinModule('node:console');
  const byStreams = new Console({ stdout: process.stdout, stderr: process.stderr });
  for (const name of METHODS) {
    Object.assign(console, { [name]: byStreams[name].bind(byStreams) });
  }
}
