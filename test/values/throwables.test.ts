import { test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { coroutines, run } from 'palitra';
import { fetchNobody } from '../fixtures/throwing.ts';
import { isNode } from '../support/runtime.ts';
import { describeGraph } from '../support/graph.ts';
import { checkLeaks } from '../support/leaks.ts';
import { throwables, type ThrowableGroup } from './throwables.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/throwing.ts')>(
  '../fixtures/throwing.js',
  import.meta,
);

function describeThrown(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return describeGraph(error);
  }
  return 'nothing was thrown';
}

for (const [group, cases] of Object.entries(throwables)) {
  for (const [index, { name, make, expect }] of cases.entries()) {
    test(`${group} are thrown as themselves: ${name}`, () => {
      const expected = describeGraph(expect());
      equal(
        describeThrown(() => run(remote.throwCase(group as ThrowableGroup, index))),
        expected,
        'by a coroutine',
      );
      const callback = (): never => {
        throw make();
      };
      equal(run(remote.describeThrown(callback)), expected, 'by a callback');
      equal(
        describeThrown(() => run(remote.rethrow(make()))),
        expected,
        'as an argument',
      );
    });
  }
}

test('there are at least 40 throwables, each with a name of its own', () => {
  const names = Object.values(throwables).flatMap((cases) => cases.map(({ name }) => name));
  ok(names.length >= 40, `${names.length}`);
  equal(new Set(names).size, names.length);
});

test('a fetch that AbortSignal.timeout() ends throws the TimeoutError it is', () => {
  throws(
    () => run(remote.fetchForever(10)),
    (error: unknown) => {
      ok(error instanceof DOMException);
      equal(error.name, 'TimeoutError');
      equal(error.code, DOMException.TIMEOUT_ERR);
      equal(error.constructor, DOMException);
      ok(error instanceof Error);
      return true;
    },
  );
});

test('a fetch that nobody answers throws its TypeError with the system error as its cause', async () => {
  // Bun gives no cause, and Deno one without a code.
  const describe = ({ cause, code, name }: NodeJS.ErrnoException): object => {
    const { code: causeCode, syscall } = (cause ?? {}) as NodeJS.ErrnoException;
    return { name, code, cause: { code: causeCode, syscall } };
  };
  const here = (await fetchNobody().catch((error: Error) => error)) as Error;
  if (isNode) {
    const { cause } = describe(here) as { cause: object };
    deepEqual(cause, { code: 'ECONNREFUSED', syscall: 'connect' });
  }
  throws(
    () => run(remote.fetchNobody()),
    (error: Error) => {
      ok(error instanceof TypeError);
      deepEqual(describe(error), describe(here));
      return true;
    },
  );
});
