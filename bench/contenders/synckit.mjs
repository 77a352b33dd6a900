import { contend } from '../harness/contend.mjs';

await contend({
  label: 'synckit',
  package: 'synckit',
  async load() {
    const { createSyncFn } = await import('synckit');
    const echo = createSyncFn(new URL('../workers/echo.synckit.mjs', import.meta.url));
    return { kind: 'synckit', echo, openRunner: () => ({ echo }) };
  },
});
