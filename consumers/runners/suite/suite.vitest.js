import { expect, test, vi } from 'vitest';
import { coroutines, run } from 'palitra';
import { checkFakeClock, checks, inline } from './checks.js';

const loop = coroutines('./loop.mjs', import.meta);

for (const [title, check] of Object.entries(checks(loop))) test(title, () => check(expect));

test('a timeout holds under a fake clock', () => checkFakeClock(loop, expect, vi));

test('an inline coroutine works, or names what the coverage tool has written into it', () => {
  if (process.env.INSTRUMENTED === 'yes') {
    expect(() => run(inline.plain(1, 2))).toThrow(ReferenceError);
    expect(() => run(inline.plain(1, 2))).toThrow(
      /^cov_\w+ is not defined. A coverage tool .*coroutines\('/,
    );
  } else {
    expect(run(inline.plain(1, 2))).toBe(3);
    expect(run(inline.importing())).toBe('b');
  }
});
