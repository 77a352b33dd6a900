import { contend } from '../harness/contend.mjs';
import { startPingPong } from '../harness/ping-pong.mjs';

await contend({
  label: 'bare port wake-up and Atomics.wait',
  load: async () => startPingPong('port'),
});
