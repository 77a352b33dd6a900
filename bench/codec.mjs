// node bench/codec.mjs: what encoding and decoding a value costs in one thread, by four ways of carrying it.
// Needs a build. Microseconds, medians of seven interleaved rounds.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import v8 from 'node:v8';
import { Decoder } from '../.build/src/wire/decode.js';
import { Encoder } from '../.build/src/wire/encode.js';

const ROUNDS = 7;
const ROUND_MS = 100;
const ring = Buffer.from(new SharedArrayBuffer(1 << 17));
const encoder = new Encoder({}, true);
const decoder = new Decoder({});
const { port1, port2 } = new MessageChannel();

const carriers = {
  codec(value) {
    encoder.startInRing(ring, 0, ring.byteLength);
    encoder.root(value, 'value');
    encoder.finish();
    encoder.commit();
    decoder.start(ring, 0, [], false);
    const copy = decoder.root();
    decoder.finish();
    return copy;
  },
  'JSON text': (value) => JSON.parse(JSON.stringify(value)),
  'v8.serialize': (value) => v8.deserialize(v8.serialize(value)),
  port(value) {
    port1.postMessage(value);
    return receiveMessageOnPort(port2).message;
  },
};

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
  '100 rows of 7 fields': Array.from({ length: 100 }, (_, i) => ({
    id: i + 1,
    name: `Customer ${i}`,
    email: `customer.${i}@example.org`,
    balance: i * 12.34,
    isActive: i % 3 !== 0,
    note: i % 5 === 0 ? null : 'paid by bank transfer',
    createdAt: new Date(1_700_000_000_000 + i * 86_400_000),
  })),
};

for (const [name, value] of Object.entries(values)) {
  const rounds = Object.fromEntries(Object.keys(carriers).map((carrier) => [carrier, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [carrier, carry] of Object.entries(carriers)) {
      const start = performance.now();
      let calls = 0;
      let now = start;
      while (now - start < ROUND_MS) {
        for (let i = 0; i < 20; i++) carry(value);
        calls += 20;
        now = performance.now();
      }
      rounds[carrier].push(((now - start) * 1_000) / calls);
    }
  }
  const cells = Object.entries(rounds).map(([carrier, times]) => {
    const median = times.sort((a, b) => a - b)[ROUNDS >> 1];
    return `${carrier} ${median.toPrecision(3)}`;
  });
  console.log(`${name.padEnd(22)}${cells.join('   ')}`);
}
port1.close();
