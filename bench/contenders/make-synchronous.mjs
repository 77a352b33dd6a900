import { contend } from '../harness/contend.mjs';

await contend({
  label: 'make-synchronous',
  package: 'make-synchronous',
  async load() {
    const { default: makeSynchronous } = await import('make-synchronous');
    return { echo: makeSynchronous(async (value) => value) };
  },
});
