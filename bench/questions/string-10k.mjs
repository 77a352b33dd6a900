import { measureCalls } from '../harness/measure.mjs';

const sentence =
  'The engine can arrange and combine its numerical quantities exactly as if they were letters. ';
const text = sentence.repeat(200).slice(0, 10_240);

export default {
  title: 'What does a string of 10 KiB cost?',
  payload: '10,240 characters of ASCII text, there and back; warm',
  contenders: ['palitra', 'synckit', 'make-synchronized'],
  measure({ echo }) {
    return measureCalls(() => echo(text), { expected: text });
  },
  expectations: [
    {
      text: "p50: times faster than synckit's",
      value: (of) => of.synckit.p50 / of.palitra.p50,
      atLeast: 12,
    },
  ],
};
