import { fileURLToPath } from 'node:url';
import { isErrorObject } from '../wire/classify.ts';
import { callerFile } from './caller-file.ts';

/** Files whose functions stand between the user's call and the point where frames are collected. */
const ownFiles = [
  'bullmq/queue-runner',
  'caller/execute',
  'caller/stream',
  'create-task',
  'event-loop',
  'fetch/index',
  'fetch/limits',
  'fetch/response-body',
  'fetch/sync-body',
  'fetch/sync-response',
  'gather',
  'iterate',
  'run',
  'runner',
  'runtime/capture-stack',
  'start',
  'stream-iterator',
  'sync',
  'task',
].flatMap((name) => {
  const url = siblingUrl(`../${name}.js`);
  return url === undefined ? [] : [url.href, fileURLToPath(url)];
});

/**
 * From this module's own frame, because compilers to CommonJS and some bundlers take no
 * `import.meta`. In a bundle there are no such files, and palitra's frames stay.
 */
function siblingUrl(path: string): URL | undefined {
  const self = callerFile(siblingUrl);
  return self.endsWith('/caller/stack.js') ? new URL(path, self) : undefined;
}

const SEPARATOR = '    at --- called by palitra from ---';

/** The user's line that a call was made in, such as `main (file:///app/main.js:3:5)`. */
export function creationLine(origin: { readonly stack?: unknown } | undefined): string | undefined {
  return framesOf(origin?.stack)[0]?.replace(/^\s*at /, '');
}

function framesOf(stack: unknown): string[] {
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .slice(1)
    .filter((line) => !ownFiles.some((file) => line.includes(file)));
}

/**
 * Puts the caller's frames below those of the loop thread, so that an error can be followed from where
 * it was thrown to where the call was made. `origin` holds a stack captured at the call.
 */
export function joinStacks(error: unknown, origin: { readonly stack?: unknown }): void {
  if (!isErrorObject(error) || typeof error.stack !== 'string' || typeof origin.stack !== 'string')
    return;
  const frames = framesOf(origin.stack).join('\n');
  if (frames === '' || error.stack.includes(SEPARATOR)) return;
  try {
    Object.defineProperty(error, 'stack', {
      value: `${error.stack}\n${SEPARATOR}\n${frames}`,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  } catch {
    // Frozen: it stays as it is.
  }
}
