/** What every bundle does; it prints one line of JSON for each thing it has seen. */
import {
  coroutine,
  createTask,
  gather,
  iterate,
  NeverSettledError,
  registerError,
  run,
  sync,
  TimeoutError,
} from 'palitra';
import { QuotaError } from './quota-error.js';

registerError(QuotaError);

export async function play(loop) {
  const say = (value) => console.log(JSON.stringify(value));
  say(run(loop.whereAmI('hello')));
  say(gather(loop.double(1), loop.double(2), loop.double(3)));
  const steps = [];
  say([run(loop.sumOf([1, 2, 3], (n) => (steps.push(n), n * 10))), steps]);
  say(describe(() => run(loop.fail(7)), QuotaError, RangeError));
  say(describe(() => run(loop.hang(), { timeout: 20 }), TimeoutError));
  say([...iterate(loop.countTo(3))]);
  const session = run(loop.open('Ada'));
  const counter = run(new loop.Counter());
  say([run(session.greet('Grace')), run(counter.add(2)), run(counter.add(3))]);
  say(sync(loop).double(21));
  say(await createTask(loop.double(4)));
  const inline = coroutine(async (path) =>
    (await import(/* webpackIgnore: true */ 'node:path')).basename(path),
  );
  say(run(inline('/a/inline')));
  const never = coroutine(() => new Promise(() => {}));
  say(describe(() => run(never()), NeverSettledError));
}

function describe(body, ...classes) {
  try {
    body();
  } catch (error) {
    const { name, code, used } = error;
    const isInstance = classes.every((errorClass) => error instanceof errorClass);
    return { name, code, used, isInstance };
  }
  return 'it did not fail';
}
