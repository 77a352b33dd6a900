import { fileURLToPath } from 'node:url';
import { contend } from '../harness/contend.mjs';

await contend({
  label: 'sync-threads',
  package: 'sync-threads',
  async load() {
    const { default: syncThreads } = await import('sync-threads');
    const worker = fileURLToPath(new URL('../workers/echo.sync-threads.cjs', import.meta.url));
    // It starts a worker for each call. Its function answers the first call only: later ones do not wait,
    // and return the first answer again. So there is a function for each call as well.
    return { echo: (value) => syncThreads.createSyncFn(worker)(value) };
  },
});
