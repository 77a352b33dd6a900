import assert from 'node:assert/strict';
import { quantile } from '../harness/statistics.mjs';

const CALLS = 50;
const FOR_MS = 1_500;
const AN_HOUR = 3_600_000;

export default {
  title: 'What does a timeout or a signal cost on a hot call?',
  payload: `the number 1, there and back; blocks of ${CALLS} calls of each kind, in turn in one process; of the blocks the tenth percentile, per call, since what else the machine does hits all kinds; warm`,
  contenders: ['palitra'],
  columns: ['plain', 'timeout', 'signal', 'both'].map((key) => ({ title: key, key })),
  measure({ echo, echoWithin }) {
    const { signal } = new AbortController();
    const kinds = {
      plain: () => echo(1),
      timeout: () => echoWithin(1, { timeout: AN_HOUR }),
      signal: () => echoWithin(1, { signal }),
      both: () => echoWithin(1, { timeout: AN_HOUR, signal }),
    };
    const blocks = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
    const block = (call) => {
      const start = performance.now();
      for (let i = 0; i < CALLS; i++) call();
      return ((performance.now() - start) * 1_000) / CALLS;
    };
    for (const call of Object.values(kinds)) {
      assert.equal(call(), 1);
      for (let i = 0; i < 200; i++) block(call);
    }
    const end = performance.now() + FOR_MS;
    while (performance.now() < end) {
      for (const [name, call] of Object.entries(kinds)) blocks[name].push(block(call));
    }
    const values = Object.fromEntries(
      Object.entries(blocks).map(([name, means]) => [
        name,
        quantile(
          means.sort((a, b) => a - b),
          0.1,
        ),
      ]),
    );
    return { ...values, meanCalls: CALLS * blocks.plain.length };
  },
  expectations: [
    {
      text: 'with a timeout, of a call without',
      value: (of) => of.palitra.timeout / of.palitra.plain,
      atMost: 1.3,
    },
    {
      text: 'with a signal, of a call without',
      value: (of) => of.palitra.signal / of.palitra.plain,
      atMost: 2,
    },
  ],
};
