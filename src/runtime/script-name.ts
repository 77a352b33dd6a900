import { fileURLToPath } from 'node:url';
import { isBun } from './which.ts';

/**
 * The name of a script that may `import()` as if it were the file with this URL. Bun 1.4 takes every name
 * for a path.
 */
export function scriptName(url: string): string {
  return isBun && url.startsWith('file:') ? fileURLToPath(url) : url;
}
