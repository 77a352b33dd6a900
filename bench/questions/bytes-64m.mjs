import assert from 'node:assert/strict';
import { measureCalls } from '../harness/measure.mjs';

const SIZE = 64 * 1024 * 1024;

export default {
  title: 'What do 64 MiB cost, moved instead of copied?',
  payload:
    'a Uint8Array of 64 MiB, there and back: palitra transfers it, the others can only copy; warm',
  rounds: 3,
  contenders: ['palitra', 'synckit', 'make-synchronized'],
  labels: { palitra: 'palitra, transferred' },
  measure({ echo, usePass }) {
    const send = usePass?.() ?? echo;
    let bytes = new Uint8Array(SIZE);
    bytes[SIZE - 1] = 7;
    const call = () => {
      bytes = send(bytes);
    };
    const result = measureCalls(call, { warmUpMs: 300 });
    assert.equal(bytes.length, SIZE);
    assert.equal(bytes[SIZE - 1], 7);
    return result;
  },
  expectations: [{ text: 'p50, microseconds', value: (of) => of.palitra.p50, atMost: 1_000 }],
};
