/**
 * What is sent from a getter, while another message is being written, goes out at once. A group there had
 * a member that ended before the group began to count its members, and waited for it for ever.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

for (const depth of [1, 2, 3, 6]) {
  test(`a gather among whose arguments a getter gathers, ${depth} deep, ends`, async () => {
    const { stdout, stderr, isHung } = await runScript(`
      import { coroutine, gather } from 'palitra';
      const echo = coroutine(async (value) => value);
      let depth = 0;
      const group = () => gather(
        echo(1),
        echo({ get deeper() { return (depth += 1) <= ${depth} ? group() : 'end'; } }),
        echo(3),
      );
      console.log(JSON.stringify(group()));`);
    let expected: unknown = 'end';
    for (let level = 0; level <= depth; level++) expected = [1, { deeper: expected }, 3];
    deepEqual(
      { stdout, stderr, isHung },
      { stdout: `${JSON.stringify(expected)}\n`, stderr: '', isHung: false },
    );
  });
}

test('so does one with a member that fails before the group counts', async () => {
  const { stdout, isHung } = await runScript(`
    import { coroutine, gather, run } from 'palitra';
    const echo = coroutine(async (value) => value);
    const fail = coroutine(async () => { throw new RangeError('first'); });
    const nested = (options) => {
      let outcome;
      run(echo({ get a() {
        try {
          outcome = gather([fail(), echo({ get b() { return run(echo(2)); } })], options).map(String);
        } catch (error) {
          outcome = error.message;
        }
        return 1;
      } }));
      return outcome;
    };
    console.log(nested({}), nested({ returnExceptions: true }).join());`);
  deepEqual(
    { stdout, isHung },
    { stdout: 'first RangeError: first,[object Object]\n', isHung: false },
  );
});
