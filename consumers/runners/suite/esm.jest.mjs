import { describe, expect, jest, test } from '@jest/globals';
import { coroutines, run } from 'palitra';
import { checkFakeClock, checks, inline } from './checks.js';

const loop = coroutines('./loop.mjs', import.meta);

for (const [title, check] of Object.entries(checks(loop))) test(title, () => check(expect));

test('a timeout holds under a fake clock', () => checkFakeClock(loop, expect, jest));

describe('an inline coroutine', () => {
  const isInstrumented = process.env.INSTRUMENTED === 'yes';
  test('works, or names what the coverage tool has written into it', () => {
    if (isInstrumented) {
      expect(() => run(inline.plain(1, 2))).toThrow(ReferenceError);
      expect(() => run(inline.plain(1, 2))).toThrow(
        /^cov_\w+ is not defined. A coverage tool .*coroutines\('/,
      );
    } else {
      expect(run(inline.plain(1, 2))).toBe(3);
      expect(run(inline.importing())).toBe('b');
    }
  });
});
