import { repeat, warmUp } from '../harness/measure.mjs';
import { median } from '../harness/statistics.mjs';

/** 1 B, 16 B, … 64 MiB. */
const SIZES = Array.from({ length: 14 }, (_, i) => 4 ** i);
/** What else the machine does hits some of them. */
const PIECES = 7;

export default {
  title: 'What does a call cost, by the size of what it carries?',
  payload: 'a Uint8Array of so many bytes, there and back; warm. Of seven pieces the median',
  rounds: 2,
  contenders: ['palitra', 'palitra:moved', 'synckit', 'make-synchronized'],
  labels: { palitra: 'palitra, copied', 'palitra:moved': 'palitra, transferred' },
  columns: SIZES.filter((_, i) => i % 2 === 1).map((size) => ({
    title: nameSize(size),
    key: nameSize(size),
  })),
  measure({ echo, usePass }, { variant }) {
    const send = variant === 'moved' ? usePass() : echo;
    let one = new Uint8Array(1);
    warmUp(() => {
      one = send(one);
    });
    return Object.fromEntries(
      SIZES.map((size) => {
        let bytes = new Uint8Array(size);
        const call = () => {
          bytes = send(bytes);
        };
        const start = performance.now();
        call();
        call();
        const estimateMs = (performance.now() - start) / 2;
        repeat(call, { ms: 120, estimateMs });
        const pieces = Array.from({ length: PIECES }, () => {
          const { calls, ms } = repeat(call, { ms: 8, estimateMs });
          return (ms * 1_000) / calls;
        });
        if (bytes.length !== size) throw new Error(`${size} bytes came back as ${bytes.length}`);
        return [nameSize(size), median(pieces)];
      }),
    );
  },
  expectations: [
    {
      text: 'transferred: 64 MiB, microseconds',
      value: (of) => of['palitra:moved']['64 MiB'],
      atMost: 1_000,
    },
    {
      text: "copied: 1 MiB, times faster than synckit's",
      value: (of) => of.synckit['1 MiB'] / of.palitra['1 MiB'],
      atLeast: 1.2,
    },
  ],
};

function nameSize(bytes) {
  if (bytes >= 1024 * 1024) return `${bytes / 1024 / 1024} MiB`;
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`;
}
