// A thread that calls as fast as it can, in periods that the main thread marks: through a runner that is
// connected to the main thread's, or through a rival's own worker.
import { workerData } from 'node:worker_threads';
import { warmUp } from '../harness/measure.mjs';

const { kind, token, period, counts, index } = workerData;

const { echo } = await {
  async palitra() {
    const { coroutines, EventLoopThreadRunner } = await import('palitra');
    const runner = EventLoopThreadRunner.connect(token);
    const api = coroutines('./echo.mjs', import.meta);
    return { echo: (value) => runner.run(api.echo(value)) };
  },
  async synckit() {
    const { createSyncFn } = await import('synckit');
    return { echo: createSyncFn(new URL('echo.synckit.mjs', import.meta.url)) };
  },
}[kind]();

warmUp(() => echo(1));
for (let seen = 0; ; seen = Atomics.load(period, 0)) {
  Atomics.add(period, 1, 1);
  Atomics.notify(period, 1);
  Atomics.wait(period, 0, seen);
  let calls = 0;
  // Odd periods are for calling, in those that this thread takes part in.
  while (Atomics.load(period, 0) % 2 === 1 && Atomics.load(period, 2) > index) {
    echo(1);
    calls += 1;
  }
  Atomics.add(counts, index, calls);
  while (Atomics.load(period, 0) % 2 === 1) Atomics.wait(period, 0, Atomics.load(period, 0));
}
