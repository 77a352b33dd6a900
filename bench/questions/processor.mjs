import { shareOfProcessor } from '../harness/processor-time.mjs';
import { sleep } from '../harness/sleep.mjs';

const FOR_MS = 2_000;

export default {
  title: 'How much of a processor does waiting use?',
  payload: `all threads of the process, in ${FOR_MS / 1_000} s: idle after 1,000 calls; a caller blocked for a coroutine that sleeps. In percent of one processor`,
  rounds: 1,
  unit: 'percent',
  contenders: ['palitra'],
  columns: [
    { title: 'idle', key: 'idle' },
    { title: 'blocked', key: 'blocked' },
  ],
  measure({ echo, sleepOnLoop }) {
    for (let i = 0; i < 1_000; i++) echo(1);
    sleepOnLoop(1);
    // What was promised right after the calls: both sides stop looking, V8 finishes what it compiles.
    sleep(200);
    const idle = shareOfProcessor(() => sleep(FOR_MS)) * 100;
    const blocked = shareOfProcessor(() => sleepOnLoop(FOR_MS)) * 100;
    return { idle, blocked };
  },
  expectations: [
    { text: 'idle, percent of a processor', value: (of) => of.palitra.idle, atMost: 0.5 },
    { text: 'blocked, percent of a processor', value: (of) => of.palitra.blocked, atMost: 1 },
  ],
};
