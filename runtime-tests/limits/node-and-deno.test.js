// What neither Node 20 to 26 nor Deno 2.9 gives. When one of these fails, look at docs/runtimes.md: it may be mended.
import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { runProgram } from './child.js';

test('Node and Deno: a time zone that is set on one thread reaches Intl on another, and not Date', async () => {
  const { output } = await runProgram(
    `
    import { once } from 'node:events';
    import { isMainThread, parentPort, SHARE_ENV, Worker } from 'node:worker_threads';
    const hours = () => {
      const { format } = new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23' });
      return [new Date(0).getHours(), Number(format(0))];
    };
    if (isMainThread) {
      hours();
      const worker = new Worker(new URL(import.meta.url), { env: SHARE_ENV });
      const ask = async (what) => {
        worker.postMessage(what);
        const [answer] = await once(worker, 'message');
        return answer;
      };
      const before = await ask('hours');
      process.env.TZ = 'Asia/Tokyo';
      console.log(JSON.stringify([before, hours(), await ask('hours'), await ask('mend')]));
      worker.terminate();
    } else {
      parentPort.on('message', (what) => {
        if (what === 'mend') process.env.TZ = process.env.TZ;
        parentPort.postMessage(hours());
      });
    }`,
    { env: { TZ: 'UTC' } },
  );
  const [utc, tokyo, mixed] = [
    [0, 0],
    [9, 9],
    [0, 9],
  ];
  equal(output.trim(), JSON.stringify([utc, tokyo, mixed, tokyo]));
});
