import { contend } from '../harness/contend.mjs';
import { startServer } from '../harness/server.mjs';

await contend({
  label: 'palitra/fetch',
  package: 'palitra',
  async load() {
    const url = await startServer();
    const { fetchSync } = await import('palitra/fetch');
    return { fetchJson: () => fetchSync(url).json() };
  },
});
