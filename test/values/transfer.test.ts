import { test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { coroutines, createTask, gather, iterate, run, transfer } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';
import {
  chunksOf,
  isGone,
  makeEntry,
  transferables,
  use,
  type TransferableName,
} from './transferables.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/transfers.ts')>(
  '../fixtures/transfers.js',
  import.meta,
);

/** What `body` throws. */
function thrownBy(body: () => unknown): any {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

// A stream is emptied by the thread that made it: that one awaits a task, where it isn't used at once.
for (const name of Object.keys(transferables) as TransferableName[]) {
  const { expected } = transferables[name];

  test(`moved to the loop thread: ${name}`, async () => {
    const bare = await makeEntry(name);
    const task = createTask(remote.use(name, transfer(bare, [bare])));
    ok(isGone(name, bare), 'as soon as it was sent');
    deepEqual(await task, expected);
    const nested = await makeEntry(name);
    const coroutine = remote.useInside(name, transfer({ list: [1, nested, nested] }, [nested]));
    ok(!isGone(name, nested) || name.startsWith('an AbortSignal'), 'not before the call is made');
    const second = createTask(coroutine);
    ok(isGone(name, nested));
    deepEqual(await second, expected);
  });

  test(`moved to the caller, in a result, by a generator and in what is thrown: ${name}`, async () => {
    const ways: (() => any)[] = [
      () => run(remote.give(name)),
      () => thrownBy(() => run(remote.throwInside(name))).cargo,
      () => thrownBy(() => run(remote.throwMoved(name))),
      () => [...iterate(remote.yieldMoved(name))][0],
    ];
    for (const way of ways) {
      const { list } = way();
      ok(run(remote.isKeptGone(name)));
      deepEqual(await use(name, list[1]), expected);
    }
  });

  test(`moved to a callback, by what it returns and by what it throws: ${name}`, async () => {
    let given: { list: unknown[] } | undefined;
    const takesIt = (value: unknown): void => {
      given = value as { list: unknown[] };
    };
    ok(run(remote.giveToCallback(name, takesIt)), 'gone from the loop thread');
    deepEqual(await use(name, given!.list[1]), expected);
    const entry = await makeEntry(name);
    let gone = 0;
    // A callback is answered before anything else runs.
    const count = (what: unknown): void =>
      queueMicrotask(() => (gone += isGone(name, what) ? 1 : 0));
    const returnsIt = (): unknown => {
      count(entry);
      return transfer({ list: [1, entry] }, [entry]);
    };
    deepEqual(await createTask(remote.useFromCallback(name, returnsIt)), expected);
    const other = await makeEntry(name);
    const throwsIt = (): never => {
      count(other);
      throw Object.assign(new Error('with cargo'), { cargo: transfer(other, [other]) });
    };
    deepEqual(await createTask(remote.useThrownByCallback(name, throwsIt)), expected);
    equal(gone, 2, 'gone from here');
  });
}

test('one list can hold things of every kind', async () => {
  const names = Object.keys(transferables) as TransferableName[];
  const entries = await Promise.all(names.map(makeEntry));
  const arrived = createTask(remote.useAll(names, transfer({ entries }, entries)));
  deepEqual(
    await arrived,
    names.map((name) => transferables[name].expected),
  );
});

test('what is written to a stream that was moved arrives on the thread that made it', async () => {
  const stream = await makeEntry('a WritableStream');
  equal(await createTask(remote.use('a WritableStream', transfer(stream, [stream]))), 'written');
  deepEqual(await chunksOf(stream), ['one']);
});

test('views of a buffer move with it, and go on sharing it', () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const views = { whole: new Uint8Array(buffer), part: new Uint16Array(buffer, 2, 2), buffer };
  const arrived = run(remote.echoViews(transfer(views, [buffer])));
  equal(views.whole.length + views.part.length, 0, 'detached here');
  equal(arrived.whole.buffer, arrived.buffer);
  equal(arrived.part.buffer, arrived.buffer);
  deepEqual([...arrived.whole], [1, 2, 3, 4, 5, 6, 7, 8]);
  deepEqual([arrived.part.byteOffset, arrived.part.length], [2, 2]);
});

test('several arguments can each list the buffer that their views share', () => {
  const { buffer } = new Uint8Array(8).fill(3);
  const [head, tail] = [new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4)];
  const list = [buffer];
  equal(run(remote.sharesBuffer(transfer(head, list), transfer(tail, list))), true);
  equal(head.length + tail.length, 0);
});

test('what stands in another argument than the list is moved as well', () => {
  for (const length of [8, 10_000]) {
    const bytes = new Uint8Array(length).fill(5);
    const { buffer } = bytes;
    deepEqual(run(remote.lengths(transfer({}, [buffer]), bytes)), [undefined, length]);
    equal(bytes.length, 0);
    const later = new Uint8Array(length).fill(5);
    deepEqual(run(remote.lengths(later, transfer({}, [later.buffer]))), [length, undefined]);
    equal(later.length, 0);
  }
});

test('what is not listed is copied, in the same call too', () => {
  const [moved, copied] = [new Uint8Array(20_000).fill(1), new Uint8Array(20_000).fill(2)];
  deepEqual(run(remote.lengths(transfer(moved, [moved.buffer]), copied)), [20_000, 20_000]);
  deepEqual([moved.length, copied.length, copied[19_999]], [0, 20_000, 2]);
  deepEqual(run(remote.lengths(copied, transfer(copied, []))), [20_000, 20_000]);
  equal(copied.length, 20_000);
});

test('each member of a gather moves its own', () => {
  const members = Array.from({ length: 5 }, (_, index) => new Uint8Array(1000 * (index + 1)));
  const lengths = gather(
    members.map((bytes) => remote.lengths(transfer(bytes, [bytes.buffer]), undefined)),
  );
  deepEqual(
    lengths,
    [1, 2, 3, 4, 5].map((thousands) => [1000 * thousands, undefined]),
  );
  ok(members.every((bytes) => bytes.length === 0));
});

test('long messages that move nothing go out together with those that do', () => {
  const text = 'x'.repeat(50_000);
  const [moved, large] = [new Uint8Array(8), new Uint8Array(50_000)];
  const lengths = gather(
    [text, transfer(moved, [moved.buffer]), text, large, text].map((value) =>
      remote.lengths(value),
    ),
  );
  deepEqual(lengths.flat(), [50_000, 8, 50_000, 50_000, 50_000]);
  equal(moved.length, 0);
});

test('a buffer goes to and fro a thousand times, and only one thread has it', () => {
  let bytes = new Uint8Array(1 << 16);
  for (let index = 0; index < 1000; index++) {
    bytes[index] = index;
    const before = bytes;
    bytes = run(remote.passOn(transfer(bytes, [bytes.buffer])));
    equal(before.length, 0);
  }
  ok(bytes.subarray(0, 1000).every((byte, index) => byte === (index & 0xff)));
});

test('transfer() of palitra/loop gives its value as it is where there is no loop thread', async () => {
  const loop = await import('palitra/loop');
  const bytes = new Uint8Array(4);
  equal(loop.transfer(bytes, [bytes.buffer]), bytes);
  equal(bytes.length, 4);
});
