import { isBuiltin } from 'node:module';
import { isBun } from './which.ts';

/**
 * Is it to be imported as `node:${specifier}`? Bun counts packages that it has an answer for among its builtin
 * modules, such as `undici` and `ws`; those have no such name.
 */
export function isNodeModule(specifier: string): boolean {
  if (!isBuiltin(specifier)) return false;
  return !isBun || process.getBuiltinModule(`node:${specifier}`) !== undefined;
}
