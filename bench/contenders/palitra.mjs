import { contend } from '../harness/contend.mjs';

await contend({
  label: 'palitra',
  package: 'palitra',
  async load() {
    const { coroutines, EventLoopThreadRunner, gather, iterate, run, transfer } =
      await import('palitra');
    const api = coroutines('../workers/echo.mjs', import.meta);
    const at = (file) => coroutines(`../workers/${file}`, import.meta);
    return {
      kind: 'palitra',
      echo: (value) => run(api.echo(value)),
      echoWithin: (value, options) => run(api.echo(value), options),
      iterateNumbers: (count) => iterate(api.numbers(count)),
      iterateRows: (count) => iterate(api.rows(count)),
      echoAll: (values) => gather(values.map((value) => api.echo(value))),
      callBack: (callback, times) => run(api.callBack(callback, times)),
      sleepOnLoop: (ms) => run(at('sleep.mjs').sleep(ms)),
      beginTicks: () => run(at('ticks.mjs').begin()),
      endTicks: () => run(at('ticks.mjs').end()),
      startOneMore: () => new EventLoopThreadRunner().run(api.echo(1)),
      async measureHeaps() {
        const { heapInUse } = await import('../workers/memory.mjs');
        return { loop: run(at('memory.mjs').heapInUse()), caller: await heapInUse() };
      },
      openRunner() {
        const runner = new EventLoopThreadRunner();
        return { echo: (value) => runner.run(api.echo(value)), share: () => runner.share() };
      },
      openSleeper() {
        const runner = new EventLoopThreadRunner({ waitStrategy: 'sleep' });
        return () => runner.run(api.echo(1));
      },
      usePass() {
        const { pass } = at('pass.mjs');
        return (bytes) => run(pass(transfer(bytes, [bytes.buffer])));
      },
    };
  },
});
