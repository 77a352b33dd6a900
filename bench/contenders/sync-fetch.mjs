import { contend } from '../harness/contend.mjs';
import { startServer } from '../harness/server.mjs';

await contend({
  label: 'sync-fetch',
  package: 'sync-fetch',
  async load() {
    const url = await startServer();
    const { default: fetch } = await import('sync-fetch');
    return { fetchJson: () => fetch(url).json() };
  },
});
