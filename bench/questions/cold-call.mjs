import { timeEach } from '../harness/measure.mjs';
import { sleep } from '../harness/sleep.mjs';
import { quantile } from '../harness/statistics.mjs';

const SILENCE_MS = 5;

export default {
  title: 'What does a call cost after a while in which nothing was called?',
  payload: `the number 1, there and back, after ${SILENCE_MS} ms in which both threads slept; warm`,
  rounds: 3,
  contenders: ['palitra', 'synckit', 'make-synchronized', 'bare-port', 'bare-futex'],
  columns: [
    { title: 'p50', key: 'p50', hasRatio: true },
    { title: 'p90', key: 'p90', hasRatio: true },
    { title: 'p99', key: 'p99' },
  ],
  measure({ echo }) {
    for (let i = 0; i < 200; i++) echo(1);
    const before = () => sleep(SILENCE_MS);
    timeEach(() => echo(1), { calls: 10, ms: 100, before });
    const samples = timeEach(() => echo(1), { calls: 100, ms: 1_000, before });
    const at = (q) => quantile(samples, q) * 1_000;
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), timedCalls: samples.length };
  },
  expectations: [
    { text: "p50, of synckit's", value: (of) => of.palitra.p50 / of.synckit.p50, atMost: 1 },
    {
      text: "p50, of a bare port's and Atomics.wait's",
      value: (of) => of.palitra.p50 / of['bare-port'].p50,
      atMost: 1.6,
    },
  ],
};
