import { trace } from '@opentelemetry/api';
import './telemetry.js';

const [, , way, count = '3'] = process.argv;
const tracer = trace.getTracer('job');
for (let n = 0; n < Number(count); n++) tracer.startSpan(`step ${n}`).end();

const ways = {
  'end of the program': () => {},
  'process.exit(3)': () => process.exit(3),
  'uncaught exception': () => {
    throw new Error('out of tea');
  },
  'SIGTERM, handled': () => {
    process.on('SIGTERM', () => process.exit(143));
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => {}, 60_000);
  },
};
ways[way]();
