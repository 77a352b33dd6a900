import { pathToFileURL } from 'node:url';

/**
 * The URL of the file that called `callee`, from the stack; empty when the stack does not tell (no
 * frames are collected, or a tool has changed how they look).
 */
export function callerFile(callee: (...args: never[]) => unknown): string {
  // Under --frozen-intrinsics an assignment would throw.
  const limit = Error.stackTraceLimit;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'stackTraceLimit', 1);
    Error.captureStackTrace(holder, callee);
    const { stack } = holder;
    return typeof stack === 'string' ? fileInFrame(stack) : '';
  } catch {
    // By the program's `Error.prepareStackTrace`.
    return '';
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}

/** `at name (file:///a/b.js:1:2)`, `at /a/b.js:1:2`, `at async Promise.all (…)`. */
function fileInFrame(stack: string): string {
  const frame = stack.split('\n').find((line) => /^\s+at /.test(line));
  const location =
    frame === undefined
      ? null
      : /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\).*?):\d+:\d+\)?$/.exec(frame);
  const file = location?.[1];
  if (file === undefined) return '';
  return file.startsWith('file:') ? file : pathToFileURL(file).href;
}
