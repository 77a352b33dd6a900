// The floor: the platform's fetch, awaited.
import { contend } from '../harness/contend.mjs';
import { startServer } from '../harness/server.mjs';

await contend({
  label: 'await fetch()',
  async load() {
    const url = await startServer();
    return { fetchJsonAsync: async () => (await fetch(url)).json() };
  },
});
