// The synchronous program: there is no `await` in it.
import { coroutines } from 'palitra';
import { QueueRunner } from 'palitra/bullmq';

const url = new URL('./thumbnails.js', import.meta.url);
const thumbnails = coroutines(url);

/** Shrinks so many images on the workers; on the way, when so many have been begun, kills one of them. */
export function shrinkAll({ port, count, killAt }) {
  const connection = { host: '127.0.0.1', port };
  const runner = new QueueRunner({ queue: 'thumbnails', connection, modules: { thumbnails: url } });
  let begun = 0;
  let killed;
  try {
    const images = runner.gather(
      Array.from({ length: count }, (_, id) => thumbnails.shrink(id)),
      {
        timeout: 120_000,
        // Called on this stack, while gather() blocks.
        onProgress({ worker }) {
          begun += 1;
          if (begun !== killAt) return;
          killed = worker;
          process.kill(worker, 'SIGKILL');
        },
      },
    );
    return { images, killed, stats: runner.stats() };
  } finally {
    runner.close();
  }
}
