import { sleep } from '../harness/sleep.mjs';
import { quantile } from '../harness/statistics.mjs';

const FOR_MS = 1_500;

export default {
  title: 'Do the timers of the loop thread come in time during hot calls?',
  payload: `an interval of 1 ms on the loop thread, for ${FOR_MS} ms: with a caller that calls as fast as it can, and with none. Ticks in percent of one a millisecond; gaps between ticks in milliseconds; microseconds a call`,
  unit: 'percent and milliseconds',
  rounds: 2,
  contenders: ['palitra', 'palitra:quiet'],
  labels: { palitra: 'palitra, hot calls', 'palitra:quiet': 'palitra, no calls' },
  columns: ['ticks', 'gap p50', 'gap p99', 'gap max', 'call'].map((key) => ({ title: key, key })),
  measure({ echo, beginTicks, endTicks }, { variant }) {
    const wait = variant === 'quiet' ? () => sleep(50) : () => echo(1);
    for (let i = 0; i < 10_000 && variant !== 'quiet'; i++) echo(1);
    beginTicks();
    const start = performance.now();
    let now = start;
    let calls = 0;
    while (now - start < FOR_MS) {
      for (let i = 0; i < (variant === 'quiet' ? 1 : 50); i++) wait();
      calls += 50;
      now = performance.now();
    }
    const gaps = endTicks().sort((a, b) => a - b);
    return {
      ticks: (gaps.length / (now - start)) * 100,
      'gap p50': quantile(gaps, 0.5),
      'gap p99': quantile(gaps, 0.99),
      'gap max': gaps.at(-1),
      call: variant === 'quiet' ? 0 : ((now - start) * 1_000) / calls,
    };
  },
  expectations: [
    { text: 'percent of the ticks', value: (of) => of.palitra.ticks, atLeast: 60 },
    { text: 'gap at p99, milliseconds', value: (of) => of.palitra['gap p99'], atMost: 10 },
  ],
};
