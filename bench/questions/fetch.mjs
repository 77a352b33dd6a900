import { measureCalls } from '../harness/measure.mjs';
import { quantile } from '../harness/statistics.mjs';

export default {
  title: 'What does a blocking fetch cost?',
  payload: 'GET of 13 bytes of JSON from a server on this machine, parsed; warm',
  contenders: ['palitra-fetch', 'sync-fetch', 'await-fetch'],
  async measure({ fetchJson, fetchJsonAsync }) {
    if (fetchJson !== undefined) return measureCalls(fetchJson, { expected: { answer: 42 } });
    for (let i = 0; i < 200; i++) await fetchJsonAsync();
    const samples = [];
    const end = performance.now() + 500;
    for (let now = performance.now(); now < end;) {
      await fetchJsonAsync();
      samples.push(performance.now() - now);
      now = performance.now();
    }
    const mean = samples.reduce((sum, ms) => sum + ms, 0) / samples.length;
    samples.sort((a, b) => a - b);
    const [p50, p99] = [quantile(samples, 0.5), quantile(samples, 0.99)];
    return { p50: p50 * 1_000, p99: p99 * 1_000, mean: mean * 1_000, timedCalls: samples.length };
  },
  expectations: [
    {
      text: "p50: times faster than sync-fetch's",
      value: (of) => of['sync-fetch'].p50 / of['palitra-fetch'].p50,
      atLeast: 50,
    },
  ],
};
