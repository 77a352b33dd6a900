import { test } from 'node:test';
import { deepEqual, equal, match } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** What nobody catches on the loop thread, and the text that must be among what is reported. */
const cases = [
  ['an error', `new Error('plain')`, /plain/],
  [
    'an error that cannot be copied',
    `Object.assign(new Error('held'), { retry() {} })`,
    /retry|held/,
  ],
  [
    'an error whose text cannot be read',
    `Object.defineProperty(new Error('hidden'), 'stack', { get() { throw new Error('no'); } })`,
    /An error whose text cannot be read/,
  ],
  ['an object without a prototype', `Object.assign(Object.create(null), { secret: 7 })`, /secret/],
  [
    'a Proxy that is revoked',
    `(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()`,
    /Proxy/,
  ],
  ['a symbol', `Symbol('lonely')`, /lonely|symbol/],
  ['undefined', 'undefined', /undefined/],
] as const;

/** Raised by a timer, and as a rejection that nobody handles. */
const script = (value: string, options: string): string => `
  import { coroutine, EventLoopThreadRunner } from 'palitra';
  import { inspect } from 'node:util';
  const runner = new EventLoopThreadRunner(${options});
  const loseOne = coroutine(async () => {
    const make = () => ${value};
    setTimeout(() => { throw make(); });
    void Promise.reject(make());
    // Both have been reported when it has turned twice more.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
    return (globalThis.turns = (globalThis.turns ?? 0) + 1);
  });
  console.log(runner.run(loseOne()), runner.run(loseOne()), runner.getLoop().stats().restarts);
  setImmediate(() => runner.close());`;

for (const [name, value, says] of cases) {
  test(`on stderr, and the loop lives: ${name}`, async () => {
    const { code, stdout, stderr } = await runScript(script(value, `{ name: 'lossy' }`));
    equal(stdout, '1 2 0\n', stderr);
    equal(code, 0);
    equal(stderr.match(/Unhandled error on palitra's loop thread "lossy"/g)?.length, 4);
    match(stderr, says);
  });

  test(`to onUnhandledError, and the loop lives: ${name}`, async () => {
    const options = `{ onUnhandledError: (error) => console.log('reported', inspect(error).includes('\\n') || inspect(error)) }`;
    const { code, stdout, stderr } = await runScript(script(value, options));
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    deepEqual(lines.sort(), ['1', 'reported', 'reported', 'reported', 'reported'], stdout + stderr);
    match(stdout, /^1 2 0$/m);
    equal(code, 0);
  });
}
