import { isDeno } from './which.ts';

let isExplicit = false;

/**
 * Deno 2.9 has no `beforeExit` on a worker: one that has nothing left to do just ends. Its `exit` event
 * does not tell that from a call of `process.exit()`, so these are noted.
 */
export function watchForExplicitExit(): void {
  if (!isDeno) return;
  const { exit } = process;
  process.exit = (code) => {
    isExplicit = true;
    return exit.call(process, code);
  };
}

/** To be asked in a listener of `exit`: does this thread end because nothing is left that could happen? */
export function hasRunDry(): boolean {
  return isDeno && !isExplicit;
}
