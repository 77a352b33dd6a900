import assert from 'node:assert/strict';
import { measureCalls } from '../harness/measure.mjs';
import { quantile } from '../harness/statistics.mjs';

const TIMES = 1_000;

export default {
  title: 'What does a callback cost?',
  payload:
    '1,000 callbacks from one coroutine, one after the other, per callback; warm. No rival has callbacks',
  contenders: ['palitra', 'palitra:hot-call'],
  labels: { palitra: 'palitra, a callback', 'palitra:hot-call': 'palitra, a hot call' },
  measure({ echo, callBack }, { variant }) {
    if (variant === 'hot-call') return measureCalls(() => echo(1), { expected: 1 });

    let sum = 0;
    const count = (i) => {
      sum += i;
    };
    const { mean, meanCalls } = measureCalls(() => callBack(count, TIMES), { per: TIMES });
    assert.equal(sum % ((TIMES * (TIMES - 1)) / 2), 0, 'every callback came, with its argument');

    // From one callback to the next is one round trip.
    const gaps = [];
    for (let run = 0; run < 100; run++) {
      let last = 0;
      callBack(() => {
        const now = performance.now();
        if (last !== 0) gaps.push((now - last) * 1_000);
        last = now;
      }, TIMES);
    }
    gaps.sort((a, b) => a - b);
    return {
      p50: quantile(gaps, 0.5),
      p99: quantile(gaps, 0.99),
      mean,
      timedCalls: gaps.length,
      meanCalls: meanCalls * TIMES,
    };
  },
  expectations: [
    {
      text: 'mean, of a hot call',
      value: (of) => of.palitra.mean / of['palitra:hot-call'].mean,
      atMost: 3,
    },
    { text: 'p50, microseconds', value: (of) => of.palitra.p50, atMost: 8 },
  ],
};
