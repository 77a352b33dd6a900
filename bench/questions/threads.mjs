import { startCallers } from '../harness/callers.mjs';

const THREADS = [1, 2, 3, 4, 6, 8];

export default {
  title: 'How many calls a millisecond do several calling threads make together?',
  payload:
    'the number 1, there and back, as fast as each thread can; palitra: threads connected to one loop thread. Its rival starts a worker for each calling thread, since it cannot share one. `share`: calls of the slower of two threads, of those of the faster, in percent',
  unit: 'calls per millisecond',
  rounds: 2,
  contenders: ['palitra', 'palitra:owner', 'synckit'],
  labels: {
    palitra: 'palitra, connected threads',
    'palitra:owner': 'palitra, the owner and connected threads',
    synckit: 'synckit, threads with a worker each',
  },
  columns: [
    ...THREADS.map((count) => ({ title: String(count), key: String(count) })),
    { title: 'share', key: 'share' },
  ],
  async measure(how, { variant }) {
    const callers = await startCallers(how, {
      most: Math.max(...THREADS),
      ownerCalls: variant === 'owner',
    });
    const values = {};
    for (const count of THREADS) {
      const rates = await callers.rates(count, 250);
      values[count] = rates.reduce((sum, rate) => sum + rate, 0);
      if (count === 2) values.share = (Math.min(...rates) / Math.max(...rates)) * 100;
    }
    return values;
  },
  expectations: [
    {
      text: "two threads in total (the owner and another), of one thread's",
      value: (of) => of['palitra:owner'][2] / of['palitra:owner'][1],
      atLeast: 0.7,
    },
    {
      text: 'the slower of the two, percent',
      value: (of) => of['palitra:owner'].share,
      atLeast: 10,
    },
    {
      text: "one connected caller: times synckit's calls",
      value: (of) => of.palitra[1] / of.synckit[1],
      atLeast: 5,
    },
  ],
};
