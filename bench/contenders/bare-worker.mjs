import { contend } from '../harness/contend.mjs';

await contend({
  label: 'bare Worker that answers once',
  async load() {
    const { Worker } = await import('node:worker_threads');
    const startOneMore = () => {
      const words = new Int32Array(new SharedArrayBuffer(4));
      const worker = new Worker(new URL('../workers/answer-once.mjs', import.meta.url), {
        workerData: words,
      });
      worker.unref();
      Atomics.wait(words, 0, 0);
    };
    return {
      startOneMore,
      echo(value) {
        startOneMore();
        return value;
      },
    };
  },
});
