import { contend } from '../harness/contend.mjs';

await contend({
  label: 'make-synchronized',
  package: 'make-synchronized',
  async load() {
    const { makeSynchronized } = await import('make-synchronized');
    const { echo } = makeSynchronized(new URL('../workers/echo.mjs', import.meta.url));
    return { echo };
  },
});
