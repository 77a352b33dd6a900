import { sleep } from '../harness/sleep.mjs';

const RUNNERS = 5;
const CALLS = 1_000_000;
const MIB = 1024 * 1024;

export default {
  title: 'How much memory does a runner take, and does it grow?',
  payload: `MiB of resident memory per thread, of ${RUNNERS} in one process, each after it has answered; and by how much the heaps of both threads have grown after ${CALLS.toLocaleString('en')} calls`,
  unit: 'MiB',
  contenders: ['palitra', 'palitra:growth', 'bare-worker'],
  labels: { palitra: 'palitra, a runner', 'palitra:growth': 'palitra, heap growth' },
  columns: [
    { title: 'resident', key: 'resident' },
    { title: 'caller grew', key: 'caller' },
    { title: 'loop grew', key: 'loop' },
  ],
  async measure({ echo, startOneMore, measureHeaps }, { variant }) {
    if (variant === 'growth') {
      for (let i = 0; i < 20_000; i++) echo(1);
      const before = await measureHeaps();
      for (let i = 0; i < CALLS; i++) echo(1);
      const after = await measureHeaps();
      return {
        caller: (after.caller - before.caller) / MIB,
        loop: (after.loop - before.loop) / MIB,
      };
    }
    startOneMore();
    sleep(100);
    const before = process.memoryUsage.rss();
    for (let i = 0; i < RUNNERS; i++) startOneMore();
    sleep(100);
    return { resident: (process.memoryUsage.rss() - before) / RUNNERS / MIB };
  },
  expectations: [
    {
      text: 'a runner, MiB over a bare Worker',
      value: (of) => of.palitra.resident - of['bare-worker'].resident,
      atMost: 6,
    },
    {
      text: 'growth of both heaps, MiB',
      value: (of) => of['palitra:growth'].caller + of['palitra:growth'].loop,
      atMost: 1,
    },
  ],
};
