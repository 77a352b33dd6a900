import { contend } from '../harness/contend.mjs';

await contend({
  label: 'palitra',
  package: 'palitra',
  async load() {
    const { coroutines, gather, iterate, run, transfer } = await import('palitra');
    const api = coroutines('../workers/echo.mjs', import.meta);
    return {
      echo: (value) => run(api.echo(value)),
      echoWithin: (value, options) => run(api.echo(value), options),
      iterateNumbers: (count) => iterate(api.numbers(count)),
      iterateRows: (count) => iterate(api.rows(count)),
      echoAll: (values) => gather(values.map((value) => api.echo(value))),
      callBack: (callback, times) => run(api.callBack(callback, times)),
      usePass() {
        const { pass } = coroutines('../workers/pass.mjs', import.meta);
        return (bytes) => run(pass(transfer(bytes, [bytes.buffer])));
      },
    };
  },
});
