import { measureCalls } from '../harness/measure.mjs';

const comment = {
  id: 1,
  postId: 12,
  author: { name: 'Ada Lovelace', email: 'ada@example.org' },
  body: 'The engine can arrange and combine its numerical quantities.',
  tags: ['engine', 'notes'],
  isPublished: true,
};

export default {
  title: 'What does a small object cost?',
  payload: 'six fields, one nested array and object, there and back; warm',
  contenders: ['palitra', 'synckit', 'make-synchronized'],
  measure({ echo }) {
    return measureCalls(() => echo(comment), { expected: comment });
  },
  expectations: [
    {
      text: "p50: times faster than synckit's",
      value: (of) => of.synckit.p50 / of.palitra.p50,
      atLeast: 20,
    },
  ],
};
