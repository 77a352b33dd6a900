/**
 * The lines that a program says it prints: behind a `console.log(…)`, after `// ` with one space. More
 * spaces, as in comments that are aligned, make it a remark.
 */
export function promisedOutput(code: string): string[] {
  return code.split('\n').flatMap((line) => {
    const [, text] = /(?:console\.log\(.*|^\s*)\);?\s*\}*\s*\/\/ (\S.*)$/.exec(line) ?? [];
    return text === undefined ? [] : [text];
  });
}

/**
 * The first promise that is not kept, or undefined. A promise is kept by a line, or by several, joined by
 * `, `; it may go on after a comma or colon, to explain. They have to be kept in their order.
 */
export function brokenPromise(promises: readonly string[], stdout: string): string | undefined {
  const lines = stdout.split('\n').slice(0, -1);
  let at = 0;
  for (const promise of promises) {
    while (at < lines.length && linesKept(promise, lines, at) === 0) at++;
    if (at === lines.length) return promise;
    at += linesKept(promise, lines, at);
  }
  return undefined;
}

function linesKept(promise: string, lines: readonly string[], at: number): number {
  for (let count = lines.length - at; count > 1; count--) {
    if (isExplained(lines.slice(at, at + count).join(', '), promise)) return count;
  }
  return isExplained(lines[at]!, promise) ? 1 : 0;
}

function isExplained(text: string, promise: string): boolean {
  return text !== '' && promise.startsWith(text) && /^(?:$|[,:])/.test(promise.slice(text.length));
}
