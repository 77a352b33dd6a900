import { measureCalls } from '../harness/measure.mjs';

const values = Array.from({ length: 1_000 }, (_, i) => i);

export default {
  title: 'What does a coroutine cost in a gather of 1,000?',
  payload: '1,000 numbers there and back, per number; p50 and p99 over batches of 1,000; warm',
  contenders: ['palitra', 'palitra:run', 'synckit', 'make-synchronized'],
  labels: {
    palitra: 'palitra, one gather',
    'palitra:run': 'palitra, 1,000 runs',
    synckit: 'synckit, 1,000 calls',
    'make-synchronized': 'make-synchronized, 1,000 calls',
  },
  measure({ echo, echoAll }, { variant }) {
    const isGathered = echoAll !== undefined && variant !== 'run';
    const call = isGathered ? () => echoAll(values) : () => values.map((value) => echo(value));
    return measureCalls(call, { expected: values, per: values.length });
  },
  expectations: [
    {
      text: 'mean, of a run',
      value: (of) => of.palitra.mean / of['palitra:run'].mean,
      atMost: 0.5,
    },
    { text: 'mean, microseconds', value: (of) => of.palitra.mean, atMost: 2 },
  ],
};
