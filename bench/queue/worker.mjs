// node worker.mjs <palitra | plain> <port> <queue> <concurrency>: a worker, until its process is ended.
import { Worker } from 'bullmq';
import { serve } from '../../dist/bullmq/index.js';
import * as tasks from './tasks.mjs';

const [contender, port, queue, concurrency] = process.argv.slice(2);
const common = {
  connection: { host: '127.0.0.1', port: Number(port) },
  concurrency: Number(concurrency),
};
if (contender === 'palitra') {
  await serve({ queue, modules: { tasks: async () => tasks }, log: false, ...common });
} else {
  const worker = new Worker(queue, (job) => tasks[job.name](...job.data), common);
  await worker.waitUntilReady();
}
console.log('ready');
