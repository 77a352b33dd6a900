import { repeat, warmUp } from '../harness/measure.mjs';
import { median } from '../harness/statistics.mjs';

const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const PIECES = 7;

export default {
  title: 'What does a coroutine cost, by how many are gathered?',
  payload: 'numbers there and back, per number, in one gather or by one run after the other; warm',
  contenders: ['palitra', 'palitra:run'],
  labels: { palitra: 'palitra, one gather', 'palitra:run': 'palitra, a run for each' },
  columns: [1, 10, 100, 1_000, 10_000].map((size) => ({ title: String(size), key: String(size) })),
  measure({ echo, echoAll }, { variant }) {
    const send = variant === 'run' ? (values) => values.map((value) => echo(value)) : echoAll;
    warmUp(() => send([1, 2, 3, 4, 5]));
    return Object.fromEntries(
      SIZES.map((size) => {
        const values = Array.from({ length: size }, (_, i) => i);
        const call = () => send(values);
        repeat(call, { ms: 120, estimateMs: size / 500 });
        const pieces = Array.from({ length: PIECES }, () => {
          const { calls, ms } = repeat(call, { ms: 8, estimateMs: size / 500 });
          return (ms * 1_000) / calls / size;
        });
        return [String(size), median(pieces)];
      }),
    );
  },
  expectations: [
    {
      text: 'of 1,000, of as many runs',
      value: (of) => of.palitra[1_000] / of['palitra:run'][1_000],
      atMost: 0.5,
    },
  ],
};
