import { test } from 'node:test';
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import {
  coroutine,
  coroutines,
  createTask,
  gather,
  run,
  transfer,
  UncloneableError,
} from 'palitra';
import { mix } from '../fixtures/refused-transfers.ts';
import { checkLeaks } from '../support/leaks.ts';
import { untransferables } from './untransferables.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/refused-transfers.ts')>(
  '../fixtures/refused-transfers.js',
  import.meta,
);
const size = coroutine(async (value: ArrayBuffer) => value.byteLength);

/** Names the entry, says what is wrong with it and that nothing was moved. */
function isRefusal(path: string, says: RegExp) {
  return (error: unknown): true => {
    ok(error instanceof UncloneableError, String(error));
    equal(error.code, 'ERR_PALITRA_UNCLONEABLE');
    equal(error.path, path);
    ok(error.message.startsWith(path));
    match(error.message, says);
    match(error.message, /Nothing has been moved\./);
    return true;
  };
}

for (const [index, { name, says, isCopied = false }] of untransferables.entries()) {
  if (isCopied) {
    test(`this platform copies in place of moving: ${name}`, async () => {
      const { value, list, isWhole, end } = await mix(index);
      const { byteLength } = value.bad as ArrayBuffer;
      deepEqual(run(remote.takeBytes(transfer(value, list))), 16);
      equal((value.bad as ArrayBuffer).byteLength, byteLength);
      ok(!isWhole(), 'the others were moved');
      await end();
    });
    continue;
  }

  test(`in an argument it is refused and nothing is moved: ${name}`, async () => {
    const { value, list, isWhole, end } = await mix(index);
    const refusal = isRefusal('arguments[0]: transfer list[1]', says);
    throws(() => run(remote.takeBytes(transfer(value, list))), refusal);
    throws(() => createTask(remote.takeBytes(transfer(value, list))), refusal);
    const sibling = new ArrayBuffer(32);
    for (const place of [0, 1, 2]) {
      const group = [1, 2].map(() => size(transfer(sibling, [sibling])));
      group.splice(place, 0, remote.takeBytes(transfer(value, list)));
      group.splice(place === 0 ? 1 : 0, 1);
      throws(() => gather(group), refusal);
    }
    ok(isWhole());
    equal(sibling.byteLength, 32, 'nor anything of another member of a gather');
    const { bad: _, ...good } = value;
    equal(run(remote.takeBytes(transfer(good, [good.buffer, good.port as never]))), 16);
    ok(!isWhole(), 'the next call moves them');
    await end();
  });

  test(`in a callback it is refused and nothing is moved: ${name}`, async () => {
    const { value, list, isWhole, end } = await mix(index);
    const returnsIt = (): unknown => transfer(value, list);
    isRefusal('callback result: transfer list[1]', says)(run(remote.outcomeOf(returnsIt)));
    const throwsIt = (): never => {
      throw transfer([value], list);
    };
    isRefusal('callback error: transfer list[1]', says)(run(remote.outcomeOf(throwsIt)));
    ok(isWhole());
    await end();
    let calls = 0;
    const outcome = run(remote.callWithMixed(index, () => (calls += 1)));
    isRefusal('callback arguments[0]: transfer list[1]', says)(outcome);
    equal(calls, 0);
    ok(run(remote.isWhole()));
  });

  test(`in a result and in what is thrown it is refused and nothing is moved: ${name}`, () => {
    const inResult = isRefusal('result.deep[0]: transfer list[1]', says);
    throws(() => run(remote.giveMixed(index)), inResult);
    ok(run(remote.isWhole()));
    const inThrown = isRefusal('thrown.cargo: transfer list[1]', says);
    throws(() => run(remote.throwMixed(index)), inThrown);
    ok(run(remote.isWhole()));
    equal(run(size(new ArrayBuffer(3))), 3);
  });
}

test('what is listed twice', () => {
  const buffer = new ArrayBuffer(8);
  throws(
    () => run(size(transfer(buffer, [buffer, buffer]))),
    isRefusal('arguments[0]: transfer list[1]', /is listed twice\./),
  );
  equal(run(size(transfer(buffer, [buffer]))), 8);
});

test('what is not in the value', async () => {
  const { value, end } = await mix(0);
  for (const other of [new ArrayBuffer(8), new ReadableStream(), value.port]) {
    const buffer = new ArrayBuffer(8);
    throws(
      () => run(size(transfer(buffer, [buffer, other as ArrayBuffer]))),
      isRefusal('arguments[0]: transfer list[1]', /is not in what is sent: put it there, or leave/),
    );
    equal(buffer.byteLength, 8);
  }
  await end();
});

test('what two members of a gather would move', () => {
  const buffer = new ArrayBuffer(8);
  const once = (): ReturnType<typeof size> => size(transfer(buffer, [buffer]));
  throws(
    () => gather(once(), once()),
    isRefusal('arguments[0]: transfer list[0]', /is moved by another coroutine of the same gather/),
  );
  equal(buffer.byteLength, 8);
});

test('a coroutine that moves its argument, run a second time', () => {
  const buffer = new ArrayBuffer(8);
  const moves = size(transfer(buffer, [buffer]));
  equal(run(moves), 8);
  throws(() => run(moves), isRefusal('arguments[0]: transfer list[0]', /can be made once/));
});

test('something else in the value that cannot cross leaves the list alone', () => {
  const buffer = new ArrayBuffer(8);
  for (const bad of [Symbol('bad'), new ReadableStream(), [new WeakMap()]]) {
    const value = { buffer, byteLength: 0, bad } as unknown as ArrayBuffer;
    throws(() => run(size(transfer(value, [buffer]))), { path: /^arguments\[0\]\.bad/ });
    equal(buffer.byteLength, 8);
  }
});

test('what is no list is a TypeError that shows how to write it', async () => {
  const expected = { name: 'TypeError', message: /transfer\(bytes, \[bytes\.buffer\]\)/ };
  for (const list of [undefined, null, new ArrayBuffer(1), { 0: 1, length: 1 }, new Set()]) {
    throws(() => transfer(1, list as never), expected);
  }
  const onLoop = coroutine(async () => {
    const { transfer: move } = await import('palitra/loop');
    return move(1, undefined as never);
  });
  throws(() => run(onLoop()), expected);
});
