// node bench/shares.mjs: of what a call costs, which share is writing, reading, promises, and which is the other
// thread. Each part is measured by itself in one thread, the whole and a bare spin with two. Needs a build.
// Microseconds; of pieces the tenth percentile, so that a busy machine does less harm.
import { coroutines, run } from '../dist/index.js';
import { Inbox } from '../.build/src/wire/inbox.js';
import { CALLS, CHANNEL_BYTES } from '../.build/src/wire/layout.js';
import { Outbox } from '../.build/src/wire/outbox.js';
import { startPingPong } from './harness/ping-pong.mjs';
import { quantile } from './harness/statistics.mjs';

const FOR_MS = 300;

const row = (i) => ({
  id: i + 1,
  name: `Customer ${i}`,
  email: `customer.${i}@example.org`,
  balance: i * 12.34,
  isActive: i % 3 !== 0,
  note: i % 5 === 0 ? null : 'paid by bank transfer',
  createdAt: new Date(1_700_000_000_000 + i * 86_400_000),
});
const values = {
  'a number': 1,
  'a small object': {
    id: 1,
    postId: 12,
    author: { name: 'Ada Lovelace', email: 'ada@example.org' },
    body: 'The engine can arrange and combine its numerical quantities.',
    tags: ['engine', 'notes'],
    isPublished: true,
  },
  '10 KiB of text': 'x'.repeat(10_240),
  '100 rows': Array.from({ length: 100 }, (_, i) => row(i)),
};

function inPieces(call, calls) {
  for (const end = performance.now() + FOR_MS; performance.now() < end;) call();
  const pieces = [];
  for (const end = performance.now() + FOR_MS; performance.now() < end;) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call();
    pieces.push(((performance.now() - start) * 1_000) / calls);
  }
  return quantile(
    pieces.sort((a, b) => a - b),
    0.1,
  );
}

/** An async function that returns at once, and a reaction to it behind which another one stands. */
async function promises() {
  const echo = async (value) => value;
  let queueTick;
  const pieces = [];
  for (let piece = 0; piece < 2_000; piece++) {
    const start = performance.now();
    for (let i = 0; i < 100; i++) {
      const tick = new Promise((resolve) => {
        queueTick = resolve;
      });
      echo(i).then(() => queueTick());
      await tick;
    }
    pieces.push(((performance.now() - start) * 1_000) / 100);
  }
  return quantile(
    pieces.sort((a, b) => a - b),
    0.1,
  );
}

function createDirection() {
  const memory = new SharedArrayBuffer(CHANNEL_BYTES);
  const port = {};
  const outbox = new Outbox(memory, CALLS, port, { reach: 'thread' });
  const inbox = new Inbox(memory, CALLS, port, {});
  const write = (value) => {
    const encoder = outbox.open();
    encoder.root(value, 'value');
    outbox.close(encoder);
    outbox.publish();
  };
  const read = () => {
    inbox.take();
    inbox.decoder.root();
    inbox.release();
  };
  return { write, read };
}

const tenth = (pieces) =>
  quantile(
    pieces.sort((a, b) => a - b),
    0.1,
  );

/** So many messages are written, then read: the ring has room for them. */
function timeWire(value, count) {
  const { write, read } = createDirection();
  const [writing, reading] = [[], []];
  for (const end = performance.now() + 2 * FOR_MS; performance.now() < end;) {
    const start = performance.now();
    for (let i = 0; i < count; i++) write(value);
    const middle = performance.now();
    for (let i = 0; i < count; i++) read();
    const stop = performance.now();
    writing.push(((middle - start) * 1_000) / count);
    reading.push(((stop - middle) * 1_000) / count);
  }
  return { writing: tenth(writing), reading: tenth(reading) };
}

const api = coroutines('./workers/echo.mjs', import.meta);
const rows = Object.entries(values).map(([name, value]) => {
  const count = name === 'a number' ? 100 : 4;
  return { name, whole: inPieces(() => run(api.echo(value)), count), ...timeWire(value, count) };
});
const microtasks = await promises();
// The last, because it keeps a processor busy from now on.
const floor = inPieces(startPingPong('spin').echo, 200);
for (const { name, whole, writing, reading } of rows) {
  const rest = whole - 2 * writing - 2 * reading - microtasks - floor;
  const parts = {
    whole,
    'writing, twice': 2 * writing,
    'reading, twice': 2 * reading,
    promises: microtasks,
    'bare spin': floor,
    rest,
  };
  const cells = Object.entries(parts).map(([part, micros]) => `${part} ${micros.toFixed(2)}`);
  console.log(`${name.padEnd(16)}${cells.join('   ')}`);
}
process.exit();
