import { pathToFileURL } from 'node:url';

/**
 * The URL of the file that called `callee`, from the stack; empty when the stack does not tell (no
 * frames are collected, or a tool has changed how they look).
 */
export function callerFile(callee: (...args: never[]) => unknown): string {
  const file = LOCATION_IN_FILE.exec(callerFrame(callee))?.[1];
  if (file === undefined) return '';
  return file.startsWith('file:') ? file : pathToFileURL(file).href;
}

/** Was `callee` called by what somebody has typed into Node's or Deno's REPL? */
export function isCalledAtPrompt(callee: (...args: never[]) => unknown): boolean {
  return /at (?:\S+ \()?(?:REPL\d+|<anonymous>):\d+:\d+\)?$/.test(callerFrame(callee));
}

/** `at name (file:///a/b.js:1:2)`, `at /a/b.js:1:2`, `at async Promise.all (…)`. */
const LOCATION_IN_FILE = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\).*?):\d+:\d+\)?$/;

function callerFrame(callee: (...args: never[]) => unknown): string {
  // Under --frozen-intrinsics an assignment would throw.
  const limit = Error.stackTraceLimit;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', 1);
    Error.captureStackTrace(holder, callee);
    const { stack } = holder;
    if (typeof stack !== 'string') return '';
    return stack.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  } catch {
    // By the program's `Error.prepareStackTrace`.
    return '';
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
