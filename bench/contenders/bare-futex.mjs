import { contend } from '../harness/contend.mjs';
import { startPingPong } from '../harness/ping-pong.mjs';

await contend({
  label: 'bare Atomics.wait and notify, two threads',
  load: async () => startPingPong('futex'),
});
