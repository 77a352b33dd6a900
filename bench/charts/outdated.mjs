import { existsSync, readFileSync } from 'node:fs';

/** Is the file missing, or other than it would be written? */
export function isOutdated(file, text) {
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
}
