import { measureCalls } from '../harness/measure.mjs';

const rows = Array.from({ length: 100 }, (_, i) => ({
  id: i + 1,
  name: `Customer ${i}`,
  email: `customer.${i}@example.org`,
  balance: i * 12.34,
  isActive: i % 3 !== 0,
  note: i % 5 === 0 ? null : 'paid by bank transfer',
  createdAt: new Date(1_700_000_000_000 + i * 86_400_000),
}));

export default {
  title: 'What do a hundred rows of a table cost?',
  payload: '100 objects of seven fields, one of them a Date, there and back; warm',
  contenders: ['palitra', 'synckit', 'make-synchronized'],
  measure({ echo }) {
    return measureCalls(() => echo(rows), { expected: rows });
  },
  expectations: [
    {
      text: "p50: times faster than synckit's",
      value: (of) => of.synckit.p50 / of.palitra.p50,
      atLeast: 2,
    },
  ],
};
