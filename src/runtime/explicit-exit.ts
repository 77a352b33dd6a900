import { isDeno } from './which.ts';

/**
 * Does this thread end because nothing is left that could happen? To be asked in a listener of `exit`. Deno 2.9
 * has no `beforeExit` on a worker, and its `exit` event does not tell that from a call of `process.exit()`: the
 * stack does, by whichever name that was called.
 */
export function hasRunDry(): boolean {
  return isDeno && !namesOnStack().includes('exit');
}

function namesOnStack(): readonly (string | null)[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', 20);
    Reflect.set(Error, 'prepareStackTrace', (_: unknown, sites: readonly NodeJS.CallSite[]) =>
      sites.map((site) => site.getFunctionName()),
    );
    Error.captureStackTrace(holder);
    return holder.stack as readonly (string | null)[];
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
  }
}
