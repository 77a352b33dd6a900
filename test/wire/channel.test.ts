/** One direction of a channel, both ends on one thread: what is written is read, in its order, whatever its size. */
import { test } from 'node:test';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { importInternal } from '../support/internal.ts';
import { seededRandom, type Random } from '../support/random.ts';

const [{ Outbox }, { Inbox }, layout, { raiseWord, replaceWord, swapWord }] = (await Promise.all(
  ['outbox', 'inbox', 'layout', 'atomics'].map((name) => importInternal(`wire/${name}`)),
)) as any[];

const bridge = { wayOut: 'nothing', reach: 'thread' };

/** Both ends of the direction in which the caller writes, or the loop thread. */
function open(direction: unknown): { outbox: any; inbox: any; sent: () => number; close(): void } {
  const memory = new SharedArrayBuffer(layout.CHANNEL_BYTES);
  const { port1, port2 } = new MessageChannel();
  let sent = 0;
  const port = {
    send: (parcels: unknown, transfers: never[]) => {
      sent += 1;
      port1.postMessage(parcels, transfers);
    },
    take: () => receiveMessageOnPort(port2)?.message as unknown,
    close: () => undefined,
  };
  return {
    outbox: new Outbox(memory, direction, port, bridge),
    inbox: new Inbox(memory, direction, port, bridge),
    sent: () => sent,
    close: () => port1.close(),
  };
}

function write(outbox: any, value: unknown): void {
  const encoder = outbox.open();
  try {
    encoder.root(value, 'value');
    outbox.close(encoder);
  } catch (error) {
    outbox.rollback(encoder);
    throw error;
  }
}

function read(inbox: any): unknown {
  const value = inbox.decoder.root() as unknown;
  inbox.release();
  return value;
}

function readAll(inbox: any): unknown[] {
  const values: unknown[] = [];
  while (inbox.take()) values.push(read(inbox));
  return values;
}

/** Small, at the limits of the ring, beyond them, or something for the port; each with a number of its own. */
function make(random: Random, n: number): unknown {
  const size = [10, 1_000, 20_000, 32_700, 40_000, 130_000][Math.floor(random() * 6)]!;
  if (random() < 0.1) return { n, [`key ${n % 50}`]: new Uint8Array(5_000).fill(n) };
  return { n, text: 'x'.repeat(Math.floor(random() * size)) };
}

for (const [name, direction] of [
  ['calls', layout.CALLS],
  ['replies', layout.REPLIES],
] as const) {
  test(`${name}: thousands of messages of every size, published one by one or together, taken sooner or later`, (t) => {
    const seed = Date.now() % 2 ** 31;
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const { outbox, inbox, sent, close } = open(direction);
    const written: unknown[] = [];
    const taken: unknown[] = [];
    let tickets: { ticket: number; at: number }[] = [];
    for (let n = 0; n < 4_000; n++) {
      const chance = random();
      const value = make(random, n);
      if (chance < 0.1) {
        throws(() => write(outbox, [value, Symbol()]), { name: 'UncloneableError' });
        equal(outbox.publish(), false, 'what was staged is given up as well');
      } else if (chance < 0.2) {
        // A getter that sends: its message goes first, and by itself.
        const inner = [1, 2]
          .slice(Math.floor(random() * 2))
          .map((part) => ({ inner: n, part, text: 'y'.repeat(random() * 50_000) }));
        if (random() < 0.5) {
          write(outbox, 'staged before');
          written.push(...inner, 'staged before');
        } else written.push(...inner);
        write(outbox, {
          get outer() {
            for (const part of inner) write(outbox, part);
            return n;
          },
        });
        written.push({ outer: n });
        outbox.publish();
      } else {
        const group = Array.from(
          { length: chance < 0.4 ? 1 + Math.floor(random() * 20) : 1 },
          () => value,
        );
        for (const member of group) write(outbox, member);
        outbox.publish();
        written.push(...group);
      }
      tickets.push({ ticket: outbox.ticket, at: written.length });
      equal(inbox.hasNews, taken.length < written.length);
      while (random() < 0.8 && inbox.take()) taken.push(read(inbox));
      for (const { ticket, at } of tickets) equal(outbox.hasTaken(ticket), taken.length >= at);
      tickets = tickets.filter(({ at }) => at > taken.length);
      if (written.length - taken.length > 60) taken.push(...readAll(inbox));
    }
    taken.push(...readAll(inbox));
    equal(taken.length, written.length);
    for (const [index, value] of written.entries()) deepEqual(taken[index], value);
    ok(sent() > 100, 'some went by port');
    close();
  });

  test(`${name}: what fits into the ring and is taken in time goes by no port, however much it is`, () => {
    const { outbox, inbox, sent, close } = open(direction);
    for (let n = 0; n < 3_000; n++) {
      write(outbox, { n, text: 'x'.repeat(n % 30_000) });
      outbox.publish();
      deepEqual(readAll(inbox), [{ n, text: 'x'.repeat(n % 30_000) }]);
    }
    equal(sent(), 0);
    close();
  });

  test(`${name}: a message stays the next one until it has been released`, () => {
    const { outbox, inbox, close } = open(direction);
    for (const text of ['small', 'x'.repeat(100_000)]) {
      write(outbox, text);
      write(outbox, 'next');
      outbox.publish();
      for (let look = 0; look < 3; look++) {
        equal(inbox.take(), true);
        equal(inbox.decoder.root(), text);
        equal(inbox.hasNews, true);
      }
      inbox.release();
      deepEqual(readAll(inbox), ['next']);
    }
    close();
  });
}

test('a word that is raised is never lowered, and a swap tells what was there', () => {
  const words = new Int32Array(4);
  for (const [value, expected] of [
    [5, 5],
    [3, 5],
    [5, 5],
    [6, 6],
  ]) {
    raiseWord(words, 1, value);
    equal(words[1], expected);
  }
  equal(swapWord(words, 2, 7), 0);
  equal(swapWord(words, 2, 8), 7);
  equal(replaceWord(words, 2, 7, 9), false);
  equal(replaceWord(words, 2, 8, 9), true);
  equal(words[2], 9);
});

test('no word of the layout has two meanings', () => {
  const { CALLS, REPLIES } = layout;
  const channel = [CALLS, REPLIES].flatMap(({ seq, read, taken }) => [seq, read, taken]);
  channel.push(layout.ACCEPTED, layout.WAKE_POSTED);
  equal(new Set(channel).size, channel.length);
  ok(channel.every((word) => word * 4 < CALLS.ringOffset));
  equal(REPLIES.ringOffset - CALLS.ringOffset, layout.RING_BYTES);
  equal(layout.CHANNEL_BYTES, REPLIES.ringOffset + layout.RING_BYTES);
  const control = [
    'STATE',
    'EXIT_CODE',
    'THREAD_ID',
    'DOOR',
    'LIFE_FD',
    'NODE',
    'UTILIZATION',
    'RUNNING',
    'LOOP_SLEEPS',
    'GIVEN_UP',
  ].map((name) => layout[name] as number);
  // Those of 64 bits take two words each.
  control.push(
    ...[layout.LIFE_INODE, layout.LIFE_MADE_AT].flatMap((wide: number) => [2 * wide, 2 * wide + 1]),
  );
  equal(new Set(control).size, control.length);
  const thread = ['ASLEEP', 'SLEEPS', 'BLOCKED_IN', 'BLOCKED_ON', 'BLOCKED_COUNT'];
  equal(new Set(thread.map((name) => layout[name] as number)).size, thread.length);
  const memory = new SharedArrayBuffer(layout.RUNNER_BYTES);
  const starts = Array.from(
    { length: 16 },
    (_, generation) => layout.controlOf(memory, generation).byteOffset as number,
  );
  equal(new Set(starts).size, 16);
});

test('a mark of whose code runs is never that of nobody', () => {
  for (const channel of [1, 126, 127, 128, 254, 1_000]) {
    for (const call of [1, 2 ** 24, 2 ** 31, 2 ** 32 - 1])
      ok(layout.runningMark(channel, call) > 0);
  }
});
