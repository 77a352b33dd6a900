import { after, test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  createTask,
  EventLoopThreadRunner,
  gather,
  isRunnerAlive,
  iterate,
  run,
  shutdownGlobalRunner,
  start,
} from 'palitra';

after(() => shutdownGlobalRunner());

/** Users of JavaScript have no types to warn them. */
const anything = (value: unknown): never => value as never;
const one = coroutine(async () => 1);
const items = coroutine(async () => [1]);

const CALLS: Record<string, (options: never) => unknown> = {
  'run()': (options) => run(one(), options),
  'gather()': (options) => gather([one()], options),
  'createTask()': (options) => createTask(one(), options),
  'start()': (options) => start(one(), options),
  'iterate()': (options) => iterate(items(), options),
  'new EventLoopThreadRunner()': (options) => new EventLoopThreadRunner(options),
};

for (const [where, call] of Object.entries(CALLS)) {
  test(`a misspelt timeout of ${where} is an error that names the right one`, () => {
    for (const name of ['timeOut', 'timeuot', 'time_out', 'timeoutMs', 'tiemout', 'timeouts']) {
      for (const value of [5, undefined]) {
        throws(
          () => call(anything({ [name]: value })),
          (error: Error) => {
            ok(error instanceof TypeError, String(error));
            ok(
              error.message.startsWith(`${where} has no option ${name}: did you mean timeout?`),
              error.message,
            );
            match(error.message, / Its options are .*\btimeout\b/);
            return true;
          },
        );
      }
    }
  });

  test(`options of ${where} that are no object are an error that shows some`, () => {
    for (const value of [null, 5, 'fast', [5]]) {
      throws(() => call(anything(value)), {
        name: 'TypeError',
        message: /are an object, such as \{ .+ \}, not /,
      });
    }
  });
}

test('what no option resembles is an error that lists the options', () => {
  throws(() => run(one(), anything({ verbose: true })), {
    name: 'TypeError',
    message: 'run() has no option verbose. Its options are timeout, signal.',
  });
});

test('each option that is misspelt is recognised', () => {
  const meant: [names: string[], right: string, call: keyof typeof CALLS][] = [
    [['singal', 'Signal', 'abortSignal', 'sginal'], 'signal', 'run()'],
    [
      ['returnexceptions', 'returnsExceptions', 'return_exceptions'],
      'returnExceptions',
      'gather()',
    ],
    [['highWatermark', 'highwatermark', 'high_water_mark'], 'highWaterMark', 'iterate()'],
    [['nmae', 'Name'], 'name', 'new EventLoopThreadRunner()'],
    [['onUnhandledErrors', 'onUnhandled_error'], 'onUnhandledError', 'new EventLoopThreadRunner()'],
    [['execArgs', 'execargv'], 'execArgv', 'new EventLoopThreadRunner()'],
    [['shutDownTimeout'], 'shutdownTimeout', 'new EventLoopThreadRunner()'],
    [['workerURL'], 'workerUrl', 'new EventLoopThreadRunner()'],
    [['onBlock'], 'onBlocked', 'new EventLoopThreadRunner()'],
  ];
  for (const [names, right, where] of meant) {
    for (const name of names) {
      throws(() => CALLS[where]!(anything({ [name]: 1 })), {
        name: 'TypeError',
        message: new RegExp(`has no option ${name}: did you mean ${right}\\?`),
      });
    }
  }
});

test('unknown options have started nothing', () => {
  equal(isRunnerAlive(), false);
});

test('close() and result() take no other options than theirs, and close nothing with a misspelt one', () => {
  const runner = new EventLoopThreadRunner();
  throws(
    () => runner.close(anything({ drian: 5 })),
    /close\(\) has no option drian: did you mean drain\?/,
  );
  equal(runner.run(one()), 1);
  const task = runner.createTask(one());
  throws(() => task.result(anything({ signal: undefined })), {
    message: 'result() has no option signal. Its options are timeout.',
  });
  equal(task.result(), 1);
  runner.close();
});

test('what is not an option of the object itself is left alone', () => {
  const options = Object.create({ inherited: 1 }) as { timeout: number };
  options.timeout = 60_000;
  equal(run(one(), options), 1);
  deepEqual(gather([one()], { [Symbol('mine')]: 1, timeout: 60_000 } as never), [1]);
});
