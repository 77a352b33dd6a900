import { createRequire } from 'node:module';

/**
 * palitra is loaded with the first thread: a module on the loop thread imports this package, too, and has no use
 * for it. By Node's own `require`, because that of a test runner may not know ES modules.
 */
export const palitra = (): typeof import('palitra') => {
  const { createRequire: require } = (
    process.getBuiltinModule as typeof process.getBuiltinModule | undefined
  )?.('node:module') ?? { createRequire };
  return require(import.meta.url)('palitra') as typeof import('palitra');
};
