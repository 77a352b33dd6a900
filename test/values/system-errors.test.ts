import { test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { coroutines, gather, run } from 'palitra';
import { fail, failures, type Failure } from '../fixtures/failing-system.ts';
import { describeGraph } from '../support/graph.ts';
import { checkLeaks } from '../support/leaks.ts';
import { isBun } from '../support/runtime.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/failing-system.ts')>(
  '../fixtures/failing-system.js',
  import.meta,
);

/** An error of one of Node's own classes arrives as the built-in class that it extends. */
function withPublicClass(error: object): object {
  const { prototype } = [TypeError, RangeError, Error].find((Class) => error instanceof Class)!;
  return Object.setPrototypeOf(error, prototype) as object;
}

for (const failure of Object.keys(failures) as Failure[]) {
  test(`the system's own error, as on this thread: ${failure}`, async () => {
    const here = await fail(failure).catch((error: Error) => error);
    ok(here instanceof Error);
    const { message } = here;
    const expected = describeGraph(withPublicClass(here));
    const [there] = gather([remote.fail(failure)], { returnExceptions: true });
    ok(there instanceof Error && (there as NodeJS.ErrnoException).code !== undefined);
    equal(describeGraph(there), expected);
    throws(() => run(remote.fail(failure)), { message });
  });
}

test('the system’s own error of a port that is taken names the address', () => {
  throws(
    () => run(remote.listenTwice()),
    (error: NodeJS.ErrnoException & { address: string; port: number }) => {
      deepEqual([error.code, error.syscall, error.address], ['EADDRINUSE', 'listen', '127.0.0.1']);
      // The system's own number, which Bun gives as it is.
      ok(error.port > 0 && (isBun ? error.errno! > 0 : error.errno! < 0));
      return true;
    },
  );
});
