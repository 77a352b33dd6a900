import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { coroutines, createTask, gather, run, UncloneableError } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';
import { uncloneableResults, uncloneables, type Uncloneable } from './uncloneables.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/uncloneable.ts')>(
  '../fixtures/uncloneable.js',
  import.meta,
);

let calls = 0;

/** Is thrown with the path; then the next call works, with objects that were never sent before. */
function refuses(body: () => unknown, path: string, says: RegExp): void {
  throws(body, (error: unknown) => {
    ok(error instanceof UncloneableError, String(error));
    equal(error.code, 'ERR_PALITRA_UNCLONEABLE');
    equal(error.path, path);
    ok(error.message.startsWith(path));
    match(error.message, says);
    return true;
  });
  calls += 1;
  const next = { [`key ${calls}`]: { calls, list: [new Map([[calls, new Date(calls)]])] } };
  deepEqual(run(remote.echo(next)), next);
}

for (const { name, make, says, at } of uncloneables) {
  test(`as an argument: ${name}`, () => {
    refuses(() => run(remote.echo(make())), `arguments[0]${at}`, says);
    refuses(() => run(remote.echo({ user: [0, make()] })), `arguments[0].user[1]${at}`, says);
    refuses(() => createTask(remote.echo([make()])), `arguments[0][0]${at}`, says);
    const before = run(remote.startedSoFar());
    const group = [remote.count(), remote.echo(make()), remote.count()];
    refuses(() => gather(group), `arguments[0]${at}`, says);
    equal(run(remote.startedSoFar()), before, 'no sibling has started');
  });
}

for (const [index, { name, says, at }] of [...uncloneables, ...uncloneableResults].entries()) {
  test(`as a result: ${name}`, () => {
    refuses(() => run(remote.returnCase(index)), `result.user[1]${at}`, says);
    refuses(() => run(remote.returnBare(index)), `result${at}`, says);
    const [lost, kept] = gather([remote.returnCase(index), remote.echo('kept')], {
      returnExceptions: true,
    });
    ok(lost instanceof UncloneableError);
    equal(kept, 'kept', 'only that call fails');
    throws(() => createTask(remote.returnCase(index)).result(), UncloneableError);
  });

  test(`as what is thrown: ${name}`, () => {
    refuses(() => run(remote.throwBare(index)), `thrown${at}`, says);
    refuses(() => run(remote.throwInside(index)), `thrown.user[1]${at}`, says);
    throws(
      () => run(remote.throwInside(index)),
      ({ message, cause }: Error) => {
        match(message, /The error was: RangeError: lost/);
        equal((cause as Error).message, 'lost');
        match((cause as Error).stack!, /throwInside/);
        return true;
      },
    );
  });
}

test('as the argument of a callback, which is not called', () => {
  const all = [...uncloneables, ...uncloneableResults];
  for (const index of all.keys()) {
    const outcome = run(remote.giveToCallback(index, () => 'called')) as { code?: string };
    equal(outcome.code, 'ERR_PALITRA_UNCLONEABLE', all[index]!.name);
  }
});

for (const { name, make, at } of [...uncloneables, ...uncloneableResults] satisfies Uncloneable[]) {
  test(`from a callback: ${name}`, () => {
    const expected = (root: string): object => ({
      name: 'UncloneableError',
      code: 'ERR_PALITRA_UNCLONEABLE',
      path: `callback ${root}[0]${at}`,
    });
    const outcomeOf = (callback: () => unknown): object => {
      const { message: _, ...outcome } = run(remote.takeFromCallback(callback)) as {
        message: string;
      };
      return outcome;
    };
    deepEqual(
      outcomeOf(() => [make()]),
      expected('result'),
    );
    const thrower = (): never => {
      throw [make()];
    };
    deepEqual(outcomeOf(thrower), expected('error'));
  });
}

test('the way out is named: what the side that gives the value can write', () => {
  const byAHandle = /Pass the data in it.*or pass a handle to one that a coroutine has made there/;
  // One that palitra refuses, and one that the platform does.
  throws(() => run(remote.echo(Symbol('s'))), byAHandle);
  throws(() => run(remote.echo(new WeakRef({}))), byAHandle);
  for (const name of ['a function', 'a WeakRef']) {
    const index = [...uncloneables, ...uncloneableResults].findIndex((each) => each.name === name);
    throws(() => run(remote.returnBare(index)), /Return the data in it.*or return handle\(value\)/);
    const { message } = run(remote.giveToCallback(index, () => 'called')) as { message: string };
    match(message, /^callback arguments\[0\]\[0\].*Pass the data in it.*or pass handle\(value\)/);
  }
  const giveBack = /^callback result.*Return the data in it.*or return a handle to one/;
  for (const bad of [Symbol('s'), new WeakRef({})]) {
    const { message } = run(remote.takeFromCallback(() => bad)) as { message: string };
    match(message, giveBack);
  }
});
