import { shrinkAll } from './program.js';
import { startRedis, startWorker, stopAll } from './servers.js';

const COUNT = 500;
const NAMES = ['A', 'B', 'C'];

const port = await startRedis();
const workers = await Promise.all(NAMES.map(() => startWorker(port)));
const nameOf = (pid) => NAMES[workers.indexOf(pid)];
console.log(
  `Redis on port ${port}; ${NAMES.map((name, i) => `worker ${name} is process ${workers[i]}`).join(', ')}.`,
);

const start = performance.now();
const { images, killed, stats } = shrinkAll({ port, count: COUNT, killAt: 150 });
const seconds = ((performance.now() - start) / 1_000).toFixed(1);

console.log(
  `${images.length} images in ${seconds} s. Worker ${nameOf(killed)} was killed on the way.`,
);
console.log(
  'Where each ran (small letters: a second time, because worker',
  nameOf(killed),
  'had it when it died):\n',
);
for (let row = 0; row < COUNT; row += 50) {
  const letters = images
    .slice(row, row + 50)
    .map(({ worker, attempt }) => (attempt === 1 ? nameOf(worker) : nameOf(worker).toLowerCase()));
  console.log(`${String(row).padStart(5)}  ${letters.join('')}`);
}
const ran = NAMES.map(
  (name) => `${name} ${images.filter(({ worker }) => nameOf(worker) === name).length}`,
);
const again = images.filter(({ attempt }) => attempt > 1).length;
console.log(`\nran on: ${ran.join(', ')}; run again: ${again}; workers left: ${stats.workers}`);
stopAll();
