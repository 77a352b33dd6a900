import { measureCalls } from '../harness/measure.mjs';

export default {
  title: 'What does a small call cost, one after the other?',
  payload: 'the number 1, there and back; warm',
  contenders: [
    'palitra',
    'synckit',
    'make-synchronized',
    'make-synchronous',
    'kaciras-deasync',
    'deasync',
    'sync-threads',
    'exec-file-sync',
    'python-bridge',
    'bare-spin',
    'bare-futex',
    'bare-port',
  ],
  measure({ echo }, { contender }) {
    // A million calls show what a median hides: a mode in which both sides put each other to sleep.
    const loop = { calls: 1_000_000, ms: contender === 'palitra' ? 30_000 : 250 };
    return measureCalls(() => echo(1), { expected: 1, loop });
  },
  expectations: [
    {
      text: "p50: times faster than synckit's",
      value: (of) => of.synckit.p50 / of.palitra.p50,
      atLeast: 60,
    },
    {
      text: "p50, of @kaciras/deasync's",
      value: (of) => of.palitra.p50 / of['kaciras-deasync'].p50,
      atMost: 1,
    },
    {
      text: "p50, of a bare spin's",
      value: (of) => of.palitra.p50 / of['bare-spin'].p50,
      atMost: 12,
    },
    {
      text: "mean: times faster than synckit's p50",
      value: (of) => of.synckit.p50 / of.palitra.mean,
      atLeast: 15,
    },
    {
      text: "p50: times faster than CPython's run_coroutine_threadsafe().result()",
      value: (of) => of['python-bridge'].p50 / of.palitra.p50,
      atLeast: 40,
    },
    { text: "p99, of synckit's p50", value: (of) => of.palitra.p99 / of.synckit.p50, atMost: 0.5 },
  ],
};
