import { fileURLToPath } from 'node:url';
import { isErrorObject } from '../wire/classify.ts';
import { callerFile } from './caller-file.ts';

/**
 * The published files whose functions stand between the user's call and the point where frames are
 * collected. Found by this function's own frame, because compilers to CommonJS and some bundlers take no
 * `import.meta`; in a bundle there are no such files, and palitra's frames stay.
 */
function findOwnFiles(): string[] {
  const self = callerFile(findOwnFiles);
  if (!self.endsWith('/palitra-core.js')) return [];
  return [
    self,
    ...['fetch/index.js', 'bullmq/index.js'].map((name) => new URL(name, self).href),
  ].flatMap((url) => [url, fileURLToPath(url)]);
}

let ownFiles: readonly string[] | undefined;

const SEPARATOR = '    at --- called by palitra from ---';

/** The user's line that a call was made in, such as `main (file:///app/main.js:3:5)`. */
export function creationLine(origin: { readonly stack?: unknown } | undefined): string | undefined {
  return framesOf(stackOf(origin))[0]?.replace(/^\s*at /, '');
}

/** The platform writes a stack when it is first read, by the program's `Error.prepareStackTrace`: that may throw. */
export function stackOf(holder: { readonly stack?: unknown } | undefined): string | undefined {
  try {
    const stack = holder?.stack;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}

function framesOf(stack: unknown): string[] {
  if (typeof stack !== 'string') return [];
  const own = (ownFiles ??= findOwnFiles());
  return stack
    .split('\n')
    .slice(1)
    .filter((line) => !own.some((file) => line.includes(file)));
}

/**
 * Puts the caller's frames below those of the loop thread, so that an error can be followed from where
 * it was thrown to where the call was made. `origin` holds a stack captured at the call.
 */
export function joinStacks(error: unknown, origin: { readonly stack?: unknown }): void {
  try {
    if (!isErrorObject(error)) return;
    const { stack } = error as { readonly stack?: unknown };
    const frames = framesOf(origin.stack).join('\n');
    if (typeof stack !== 'string' || frames === '' || stack.includes(SEPARATOR)) return;
    Object.defineProperty(error, 'stack', {
      value: `${stack}\n${SEPARATOR}\n${frames}`,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  } catch {
    // Frozen, or a Proxy that says nothing, or unreadable as said above: it stays as it is.
  }
}
