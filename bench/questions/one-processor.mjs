import { measureCalls } from '../harness/measure.mjs';

export default {
  title: 'What does a call cost on one processor?',
  payload: 'the number 1, there and back, in a process that may use one processor only; warm',
  platform: 'linux',
  command: ['taskset', '-c', '0'],
  contenders: ['palitra', 'synckit', 'make-synchronized'],
  measure({ echo }) {
    return measureCalls(() => echo(1), { expected: 1 });
  },
  expectations: [
    { text: "p50, of synckit's", value: (of) => of.palitra.p50 / of.synckit.p50, atMost: 1 },
    { text: "mean, of synckit's", value: (of) => of.palitra.mean / of.synckit.mean, atMost: 1 },
  ],
};
