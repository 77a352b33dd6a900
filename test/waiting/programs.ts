import { deepEqual } from 'node:assert/strict';
import { runScript, type ChildOptions } from '../support/child.ts';

/** What the programs of these tests begin with. */
const PRELUDE = `
  import { coroutine, createTask, EventLoopThreadRunner, gather, iterate, keep, run, start } from 'palitra';
  const nap = coroutine((ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value)));
  const never = coroutine(() => new Promise(() => {}));
  const callBack = coroutine(async (callback) => callback());
  const compute = (ms) => { for (const end = performance.now() + ms; performance.now() < end;); };
  const computes = coroutine((ms) => { for (const end = performance.now() + ms; performance.now() < end;); return 'computed'; });
  const setState = coroutine((value) => { globalThis.state = value; });
  const getState = coroutine(() => globalThis.state);
  const attempt = (body) => { try { return body(); } catch (error) { return error.name; } };
  const timed = (body) => { const start = performance.now(); const value = attempt(body); return [value, performance.now() - start]; };
`;

/** Runs a program that prints these lines, and ends by itself. */
export async function prints(
  program: string,
  expected: readonly string[],
  options: ChildOptions & { readonly code?: number; readonly mayWarn?: boolean } = {},
): Promise<void> {
  const { code = 0, mayWarn = false, ...rest } = options;
  const outcome = await runScript(PRELUDE + program, { limitMs: 60_000, ...rest });
  deepEqual(
    {
      lines: outcome.stdout.split('\n').slice(0, -1),
      stderr: code === 0 && !mayWarn ? outcome.stderr : '',
      isHung: outcome.isHung,
      code: outcome.code,
    },
    { lines: [...expected], stderr: '', isHung: false, code },
  );
}
