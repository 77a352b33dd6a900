const { coroutines, run } = require('palitra');
const { checkFakeClock, checks, inline } = require('./checks.js');

const loop = coroutines('./loop.mjs', __filename);

for (const [title, check] of Object.entries(checks(loop))) test(title, () => check(expect));

test('a timeout holds under a fake clock', () => checkFakeClock(loop, expect, jest));

test('an inline coroutine works, or names what the coverage tool has written into it', () => {
  if (process.env.INSTRUMENTED === 'yes') {
    expect(() => run(inline.plain(1, 2))).toThrow(ReferenceError);
    expect(() => run(inline.plain(1, 2))).toThrow(
      /^cov_\w+ is not defined. A coverage tool .*coroutines\('/,
    );
  } else {
    expect(run(inline.plain(1, 2))).toBe(3);
  }
});
