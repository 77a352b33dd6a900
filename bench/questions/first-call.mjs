export default {
  title: 'What does the first call of a program cost?',
  payload:
    'import and first call of echo(1), in a new process each; cold. Of 9 processes: median and slowest',
  rounds: 9,
  contenders: ['palitra', 'synckit', 'make-synchronized', 'bare-worker'],
  columns: [
    { title: 'import', key: 'import' },
    { title: 'first call', key: 'call' },
    { title: 'both', key: 'both', hasRatio: true },
    { title: 'slowest', key: 'both', over: 'worst' },
  ],
  isCold: true,
  async measureCold(contender) {
    const start = performance.now();
    const { echo } = await contender.load();
    const loaded = performance.now();
    const value = echo(1);
    const end = performance.now();
    if (value !== 1) throw new Error(`echo(1) gave ${value}`);
    return {
      import: (loaded - start) * 1_000,
      call: (end - loaded) * 1_000,
      both: (end - start) * 1_000,
    };
  },
  expectations: [
    {
      text: "first call, of a bare Worker's",
      value: (of) => of.palitra.call / of['bare-worker'].call,
      atMost: 1.4,
    },
  ],
};
