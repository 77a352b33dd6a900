import { findMeant } from '../check-options.ts';
import { isObject } from './crossing.ts';
import { members } from './members.ts';

const KNOWN = new Set([...Object.keys(members), 'timeout', 'signal', 'body', 'headers']);

/**
 * The platform's `fetch` takes no notice of what it does not know, and so does `fetchSync()`. But who
 * misspells `timeout` would wait for ever.
 *
 * @throws {TypeError} when a member of `init`, its own or inherited, is a misspelt `timeout`.
 */
export function checkForMisspeltTimeout(init: unknown): void {
  if (!isObject(init)) return;
  for (const name in init) {
    if (KNOWN.has(name) || !isMeantAsTimeout(name)) continue;
    throw new TypeError(
      `fetchSync() has no option ${name}: did you mean timeout? It is in milliseconds.`,
    );
  }
}

/** `timeOut`, `tiemout`, `timeoutMs`, and other names with a unit at their end. */
function isMeantAsTimeout(name: string): boolean {
  return /^time[-_]?out/i.test(name) || findMeant(name, ['timeout']) !== undefined;
}
