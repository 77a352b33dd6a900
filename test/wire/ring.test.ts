import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { DecoderBridge } from '../../.build/src/wire/decode.js';
import type { EncoderBridge } from '../../.build/src/wire/encoder-bridge.js';
import type { Parcel } from '../../.build/src/wire/outbox.js';
import { importInternal } from '../support/internal.ts';
import { seededRandom } from '../support/random.js';

const { Inbox } = (await importInternal(
  'wire/inbox',
)) as typeof import('../../.build/src/wire/inbox.js');
const { Outbox } = (await importInternal(
  'wire/outbox',
)) as typeof import('../../.build/src/wire/outbox.js');
const { CALLS, CHANNEL_BYTES, RESTART_BYTES, RING_BYTES } = (await importInternal(
  'wire/layout',
)) as typeof import('../../.build/src/wire/layout.js');

/** Both ends of one direction, on one thread. */
function createDirection(count = 0) {
  const memory = new SharedArrayBuffer(CHANNEL_BYTES);
  const batches: Parcel[][] = [];
  const port = {
    send: (parcels: readonly Parcel[]) => void batches.push([...parcels]),
    take: () => batches.shift(),
    close: () => undefined,
  };
  const outbox = new Outbox(memory, CALLS, port, { reach: 'thread' } as EncoderBridge, count);
  const inbox = new Inbox(memory, CALLS, port, {} as DecoderBridge, count);

  /** Stages a message; what `nested` sends goes out while it is being written. */
  function stage(value: unknown, nested?: () => void): void {
    const encoder = outbox.open();
    encoder.root(value, 'value');
    nested?.();
    outbox.close(encoder);
  }

  function takeAll(): unknown[] {
    const values: unknown[] = [];
    while (inbox.take()) {
      values.push(inbox.decoder.root());
      inbox.release();
    }
    return values;
  }

  return { memory, outbox, inbox, stage, takeAll };
}

test('messages of all sizes, nested and given up, by ring and by port, arrive once and in order', () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const { outbox, stage, takeAll, inbox } = createDirection();
  let next = 0;
  const expected: unknown[] = [];
  // Most are short, some fill a good part of the ring, some do not fit in at all.
  const makeMessage = (): [number, string] => {
    const lengths = [0, 8, below(100), below(100), below(5_000), below(40_000)];
    return [next++, 'x'.repeat(lengths[below(lengths.length)]!)];
  };
  for (let round = 0; round < 20_000; round++) {
    const staged: unknown[] = [];
    const nested: unknown[] = [];
    for (let count = below(4); count > 0; count--) {
      const message = makeMessage();
      staged.push(message);
      const hasNested = below(20) === 0;
      stage(message, () => {
        if (!hasNested) return;
        const inner = makeMessage();
        nested.push(inner);
        stage(inner);
      });
    }
    if (below(10) === 0) {
      outbox.rollback(outbox.open());
      expected.push(...nested);
    } else {
      equal(outbox.publish(), staged.length > 0, `seed ${seed}`);
      expected.push(...nested, ...staged);
    }
    if (below(3) > 0) deepEqual(takeAll(), expected.splice(0), `seed ${seed}, round ${round}`);
    else if (expected.length > 0) ok(inbox.hasNews, `seed ${seed}, round ${round}`);
  }
  deepEqual(takeAll(), expected);
  ok(!inbox.hasNews);
});

test('a message in the ring can be taken before the sequence word says so', () => {
  const { memory, outbox, inbox, stage, takeAll } = createDirection();
  const words = new Int32Array(memory);
  stage('first');
  outbox.publish();
  const sequence = words[CALLS.seq]!;
  words[CALLS.seq] = sequence - 2;
  ok(inbox.hasNews);
  deepEqual(takeAll(), ['first']);
  // The word lags behind now, which is no news, and announces nothing that would have to be in the port.
  ok(!inbox.hasNews);
  deepEqual(takeAll(), []);
  words[CALLS.seq] = sequence;
  ok(!inbox.hasNews);
});

test('what is staged cannot be seen before it is published', () => {
  const { outbox, inbox, stage, takeAll } = createDirection();
  stage('first');
  stage('second');
  ok(!inbox.mayHaveNews && !inbox.hasNews);
  outbox.rollback(outbox.open());
  stage('third');
  ok(!inbox.mayHaveNews && !inbox.hasNews);
  outbox.publish();
  deepEqual(takeAll(), ['third']);
});

test('numbers wrap around without a message lost or mistaken for the end of the ring', () => {
  // So many messages take an hour and a half.
  const { outbox, inbox, stage, takeAll } = createDirection(2 ** 31 - 5_000);
  const messageOf = (index: number): string => 'x'.repeat(index % 1_000);
  for (let i = 0; i < 10_000; i++) {
    stage(messageOf(i));
    outbox.publish();
    // One is left in the ring: where all had been read, the writer would begin at its start again.
    if (i === 0) continue;
    ok(inbox.take());
    equal(inbox.decoder.root(), messageOf(i - 1));
    inbox.release();
  }
  deepEqual(takeAll(), [messageOf(9_999)]);
  ok(10_000 * 500 > 4 * RING_BYTES);
});

test('a writer begins at the start of the ring again once all of a good part of it has been read', () => {
  const { memory, outbox, stage, takeAll } = createDirection();
  for (let i = 0; i < 2_000; i++) {
    const message = 'x'.repeat(i === 1_000 ? 200_000 : 1_000);
    stage(message);
    outbox.publish();
    deepEqual(takeAll(), [message]);
  }
  const ring = new Uint8Array(memory, CALLS.ringOffset, RING_BYTES);
  const isUntouched = ring.subarray(RESTART_BYTES + 250_000).every((byte) => byte === 0);
  ok(isUntouched);
});
