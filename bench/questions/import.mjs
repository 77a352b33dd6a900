export default {
  title: 'What does importing cost?',
  payload: 'import(), in a new process each; cold. Of 9 processes: median and slowest',
  rounds: 9,
  contenders: ['palitra', 'synckit', 'make-synchronized', 'empty-module'],
  columns: [
    { title: 'import', key: 'import', hasRatio: true },
    { title: 'slowest', key: 'import', over: 'worst' },
  ],
  isCold: true,
  async measureCold(contender) {
    const start = performance.now();
    await contender.load();
    return { import: (performance.now() - start) * 1_000 };
  },
  expectations: [
    {
      text: 'microseconds over an empty module',
      value: (of) => of.palitra.import - of['empty-module'].import,
      atMost: 12_000,
    },
  ],
};
