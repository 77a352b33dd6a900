import { measureCalls } from '../harness/measure.mjs';

const bytes = new Uint8Array(1024 * 1024).map((_, i) => i * 31);

export default {
  title: 'What does a megabyte cost, copied?',
  payload: 'a Uint8Array of 1 MiB, copied there and back; warm',
  contenders: ['palitra', 'synckit', 'make-synchronized'],
  measure({ echo }) {
    return measureCalls(() => echo(bytes), { expected: bytes });
  },
  expectations: [
    {
      text: "p50: times faster than synckit's",
      value: (of) => of.synckit.p50 / of.palitra.p50,
      atLeast: 1.2,
    },
  ],
};
