// @ts-check
// Starts the atlas server as a child process and ends it again. Runs on the loop thread, where a child's messages can be awaited.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onShutdown } from 'palitra/loop';
import { count, print, tick } from './screen.mjs';

/** @param {Uint8Array} farewell Gets a 1 once the server has ended and saw every socket closed before. */
export async function launch(farewell) {
  const child = fork(new URL('./atlas-server.mjs', import.meta.url));
  const [{ port, records }] = await once(child, 'message');

  // Registered before the pool's, so it runs after it: last in, first out.
  onShutdown(async () => {
    try {
      child.send('last words');
      const [counters] = await once(child, 'message');
      print(tick('server', lastWords(counters)));
      child.kill();
      await once(child, 'exit');
      farewell[0] = counters.socketsOpen === 0 ? 1 : 0;
    } finally {
      child.kill('SIGKILL');
    }
  });

  return { origin: `http://127.0.0.1:${port}`, pid: /** @type {number} */ (child.pid), records };
}

/** @param {import('./atlas-server.mjs').Counters} counters */
function lastWords({ requests, aborted, socketsOpened, socketsOpen }) {
  return `${count(requests)} requests (${aborted} aborted) over ${socketsOpened} sockets, ${socketsOpen} still open`;
}
