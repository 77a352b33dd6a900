import { contend } from '../harness/contend.mjs';

await contend({
  label: 'bare Worker that answers once',
  async load() {
    const { Worker } = await import('node:worker_threads');
    return {
      echo(value) {
        const words = new Int32Array(new SharedArrayBuffer(4));
        new Worker(new URL('../workers/answer-once.mjs', import.meta.url), {
          workerData: words,
        }).unref();
        Atomics.wait(words, 0, 0);
        return value;
      },
    };
  },
});
