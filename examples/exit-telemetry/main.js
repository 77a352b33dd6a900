import { startCollector } from './collector.js';
import { runJob } from './run-job.js';

const ways = ['end of the program', 'process.exit(3)', 'uncaught exception', 'SIGTERM, handled'];
const collector = await startCollector();

console.log('                    exit code  spans that arrived of 3');
console.log('                               here  with the usual exporter');
for (const way of ways) {
  const { code } = await runJob(way, collector.url);
  const here = collector.takeNames().length;
  await runJob(way, collector.url, { exporter: 'usual' });
  const usual = collector.takeNames().length;
  console.log(`${way.padEnd(20)}${String(code).padEnd(11)}${here}     ${usual}`);
}
collector.stop();
