import { measureCalls } from '../harness/measure.mjs';

const ITEMS = 300_000;

export default {
  title: 'What does an item cost in an iteration over 300,000?',
  payload:
    'numbers, or objects of three properties, from an async generator, per item; p50 and p99 of whole iterations; warm. No rival has streams',
  contenders: ['palitra', 'palitra:rows', 'palitra:run'],
  labels: {
    palitra: 'palitra, iterate: a number',
    'palitra:rows': 'palitra, iterate: a small object',
    'palitra:run': 'palitra, a run per number',
  },
  measure({ echo, iterateNumbers, iterateRows }, { variant }) {
    if (variant === 'run') {
      return measureCalls(() => echo(1), { expected: 1, loop: { ms: 500 } });
    }
    const iterate = variant === 'rows' ? iterateRows : iterateNumbers;
    const consume = () => {
      let count = 0;
      for (const item of iterate(ITEMS)) count += (item.id ?? item) === count ? 1 : 0;
      return count;
    };
    return measureCalls(consume, {
      expected: ITEMS,
      per: ITEMS,
      // The first iteration is the warm-up.
      warmUpMs: 0,
      timed: { calls: 5, ms: 1_000 },
      loop: { calls: 1, ms: 500 },
    });
  },
  expectations: [
    {
      text: 'numbers per second',
      value: (of) => 1_000_000 / of.palitra.mean,
      atLeast: 400_000,
    },
    {
      text: 'mean: times faster than a run per number',
      value: (of) => of['palitra:run'].mean / of.palitra.mean,
      atLeast: 2.5,
    },
  ],
};
