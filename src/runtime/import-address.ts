import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isBun } from './which.ts';

/**
 * What to give to `import()` for a module, the first time and after attempts that failed: the platform
 * remembers the failure.
 */
export function importAddress(url: string, attempt: number): string {
  if (isBun) return addressInBun(url, attempt);
  if (!url.startsWith('file:')) return url;
  // A fragment makes it a module of its own.
  return attempt === 1 ? url : `${url}#attempt-${attempt}`;
}

/** Code in a `data:` URL that is not in base64, up to the fragment. */
const SCRIPT = /^data:(?:text|application)\/javascript(?:;charset=[^,;]*)?,[^#]*/i;

/**
 * Bun 1.4 looks for the kind of file behind the last dot, also in code that is a URL. It takes all the queries and fragments of a file's URL for one module, but not those of a path; and
 * it forgets a module with its entry in `require.cache`.
 */
function addressInBun(url: string, attempt: number): string {
  const script = SCRIPT.exec(url)?.[0];
  if (script !== undefined) return `${script}%0A//.js`;
  if (!url.startsWith('file:')) return url;
  const { search } = new URL(url);
  const address = search === '' ? url : fileURLToPath(url) + search;
  if (attempt > 1) delete createRequire(url).cache[fileURLToPath(url) + search];
  return address;
}
