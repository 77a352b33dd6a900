import { createRequire } from 'node:module';

/**
 * Looks, without loading them, whether the packages are there that do the work. Imported first, so that
 * their absence is said at once and in so many words.
 */
const { resolve } = createRequire(import.meta.url);
for (const name of ['bullmq', 'ioredis']) {
  try {
    resolve(name);
  } catch (cause) {
    throw Object.assign(
      new Error(
        `palitra/bullmq needs the packages bullmq and ioredis, and ${name} is not installed: npm install bullmq ioredis`,
        { cause },
      ),
      { code: 'ERR_MODULE_NOT_FOUND' },
    );
  }
}
