import { contend } from '../harness/contend.mjs';
import { startPingPong } from '../harness/ping-pong.mjs';

await contend({ label: 'bare Atomics spin, two threads', load: async () => startPingPong('spin') });
