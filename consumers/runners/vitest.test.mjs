import { test } from 'node:test';
import { runSuite } from './suites.mjs';

const pools = ['--config=suite/vitest.config.mjs'];
const count = 3 * 11;

test('Vitest, in threads, forks and vmThreads', () => runSuite('vitest', pools, { count }));

test('Vitest, in all pools, with the coverage of V8', () =>
  runSuite('vitest', [...pools, '--coverage', '--coverage.provider=v8'], { count }));

test('Vitest, in all pools, with the coverage of Istanbul', () =>
  runSuite('vitest', [...pools, '--coverage', '--coverage.provider=istanbul'], {
    count,
    env: { INSTRUMENTED: 'yes' },
  }));
